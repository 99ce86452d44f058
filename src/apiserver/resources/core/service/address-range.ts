import { cidrContains, ipText, networkOf, parseCidr, parseIp, type Cidr } from '../../../../apimachinery/ip.ts';

/**
 * The addresses that Services can have. The lowest ones are left to those that ask for a certain address; others are
 * drawn from the rest, and from the lowest only when nothing else is free.
 */
export class AddressRange {
  readonly #range: Cidr;
  readonly #network: number;
  /** Number of addresses in the range, the network's own and the broadcast address included. */
  readonly #size: number;

  /** `text` is an IPv4 range such as `10.96.0.0/16`. */
  constructor(text: string) {
    const range = parseCidr(text);
    if (range === undefined || range.address.length !== 4)
      throw new Error(`Cannot use "${text}" for Services: it must be an IPv4 range`);
    this.#range = range;
    this.#network = numberOf(networkOf(range));
    this.#size = 2 ** (32 - range.prefixLength);
  }

  /** Whether an address can be given out: not the network's own, nor that for all of it. */
  contains(text: string): boolean {
    const address = parseIp(text);
    if (address === undefined || !cidrContains(this.#range, address)) return false;
    const at = numberOf(address) - this.#network;
    return at >= 1 && at <= this.#last;
  }

  /** A free address, by chance; `undefined` when there is none. */
  draw(random: () => number, isFree: (address: string) => boolean): string | undefined {
    const split = Math.min(Math.max(16, Math.floor(this.#size / 16)), 256);
    if (split >= this.#last) return this.#drawBetween(1, this.#last, random, isFree);
    return this.#drawBetween(split + 1, this.#last, random, isFree) ?? this.#drawBetween(1, split, random, isFree);
  }

  /** From a random place on, once around. */
  #drawBetween(from: number, to: number, random: () => number, isFree: (address: string) => boolean) {
    const count = to - from + 1;
    const start = Math.floor(random() * count);
    for (let i = 0; i < count; i++) {
      const address = textOf(this.#network + from + ((start + i) % count));
      if (isFree(address)) return address;
    }
    return undefined;
  }

  /** Position of the highest address: the broadcast address is not given out. */
  get #last(): number {
    return this.#size - 2;
  }
}

function numberOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function textOf(number: number): string {
  return ipText([24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256));
}
