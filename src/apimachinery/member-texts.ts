const decoder = new TextDecoder();
const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The members of an object that is written as JSON without blanks, as the texts that they are: without parsing them. */
export class MemberTexts {
  readonly #bytes: Uint8Array;
  /** Where the value of each begins and ends, by name. */
  readonly #ranges: ReadonlyMap<string, readonly [start: number, end: number]>;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#ranges = rangesOf(bytes);
  }

  get(name: string): string | undefined {
    const range = this.#ranges.get(name);
    return range && decoder.decode(this.#bytes.subarray(...range));
  }
}

function rangesOf(bytes: Uint8Array): ReadonlyMap<string, readonly [number, number]> {
  const ranges = new Map<string, readonly [number, number]>();
  let depth = 0;
  /** Where the present member's name and value begin. */
  let [name, value] = [1, 0];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        for (at++; bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
        break;
      case openObject:
      case openList:
        depth++;
        break;
      case colon:
        if (depth === 1) value = at + 1;
        break;
      case comma:
      case closeObject:
      case closeList:
        if (depth === 1 && value > 0) {
          ranges.set(JSON.parse(decoder.decode(bytes.subarray(name, value - 1))) as string, [value, at]);
          [name, value] = [at + 1, 0];
        }
        if (bytes[at] !== comma) depth--;
    }
  }
  return ranges;
}
