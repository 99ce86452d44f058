/** Equal parts of an IPv4 network, handed out from the lowest. */
export class CidrPool {
  readonly #first: number;
  readonly #count: number;
  readonly #prefix: number;
  readonly #taken = new Set<string>();
  /** All parts before this one are taken. */
  #from = 0;

  /** Throws if `cidr` is no IPv4 network or smaller than one part. */
  constructor(cidr: string, prefix: number) {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
    const [a, b, c, d, length] = (match?.slice(1) ?? []).map(Number);
    const isNetwork = match !== null && [a!, b!, c!, d!].every((byte) => byte <= 255) && length! <= 32;
    if (!isNetwork) throw new Error(`Cannot divide "${cidr}": must be an IPv4 network such as 10.244.0.0/16`);
    if (length! > prefix) throw new Error(`Cannot divide "${cidr}": must not be smaller than /${prefix}`);
    const address = ((a! * 256 + b!) * 256 + c!) * 256 + d!;
    this.#first = address - (address % 2 ** (32 - length!));
    this.#count = 2 ** (prefix - length!);
    this.#prefix = prefix;
  }

  /** A free part, which is taken then; `undefined` if there is none. */
  next(): string | undefined {
    for (; this.#from < this.#count; this.#from++) {
      const part = this.#part(this.#from);
      if (this.#taken.has(part)) continue;
      this.#taken.add(part);
      return part;
    }
    return undefined;
  }

  take(part: string): void {
    this.#taken.add(part);
  }

  release(part: string): void {
    if (!this.#taken.delete(part)) return;
    this.#from = Math.min(this.#from, Math.max(0, this.#indexOf(part)));
  }

  #indexOf(part: string): number {
    const [a, b, c, d] = part.split('/')[0]!.split('.').map(Number);
    const address = ((a! * 256 + b!) * 256 + c!) * 256 + d!;
    return Math.floor((address - this.#first) / 2 ** (32 - this.#prefix));
  }

  #part(index: number): string {
    const address = this.#first + index * 2 ** (32 - this.#prefix);
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${bytes.join('.')}/${this.#prefix}`;
  }
}
