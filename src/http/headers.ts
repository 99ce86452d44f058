/** The headers of a request, in the order of their coming. */
export class RequestHeaders {
  /** Name, value, name, value…; names in lower case, values as latin1 text. */
  raw: readonly string[];

  constructor(raw: readonly string[]) {
    this.raw = raw;
  }

  /** The first value of the header; `name` in lower case. */
  get(name: string): string | undefined {
    const { raw } = this;
    for (let at = 0; at < raw.length; at += 2) if (raw[at] === name) return raw[at + 1];
    return undefined;
  }

  /** Every value of the header, in order. */
  all(name: string): string[] {
    const { raw } = this;
    const values: string[] = [];
    for (let at = 0; at < raw.length; at += 2) if (raw[at] === name) values.push(raw[at + 1]!);
    return values;
  }

  /** Takes headers off, for whoever looks at the request later. */
  remove(isRemoved: (name: string) => boolean): void {
    this.raw = this.raw.filter((_, at) => !isRemoved(this.raw[at & ~1]!));
  }
}

/** By lower-case name; several values become several headers, undefined ones are left out. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;
