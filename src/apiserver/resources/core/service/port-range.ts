/** The ports that Services can open on every node; like addresses, the lowest are left to those that ask for them. */
export class PortRange {
  readonly #from: number;
  readonly #to: number;

  constructor({ from, to }: { readonly from: number; readonly to: number }) {
    this.#from = from;
    this.#to = to;
  }

  draw(random: () => number, isFree: (port: number) => boolean): number | undefined {
    const size = this.#to - this.#from + 1;
    const split = Math.min(Math.max(16, Math.floor(size / 32)), 128);
    const low = split >= size ? 0 : split;
    return this.#drawBetween(low, size, random, isFree) ?? this.#drawBetween(0, low, random, isFree);
  }

  #drawBetween(low: number, high: number, random: () => number, isFree: (port: number) => boolean) {
    const count = high - low;
    const start = Math.floor(random() * count);
    for (let i = 0; i < count; i++) {
      const port = this.#from + low + ((start + i) % count);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}
