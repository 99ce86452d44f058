import { ipText, isIpv4, parseIp } from '../../apimachinery/ip.ts';

/** Addresses for load balancers, each given to one Service at most. */
export class AddressPool {
  readonly range: string;
  readonly #addresses: readonly string[];
  /** The holder of each address that is given. */
  readonly #holders = new Map<string, string>();

  /** `range`: the first and the last address, as in `172.29.0.200-172.29.0.250`. Throws on anything else. */
  constructor(range: string) {
    const [first = '', last = ''] = range.split('-');
    if (!isIpv4(first) || !isIpv4(last) || numberOf(first) > numberOf(last))
      throw new Error(`Cannot give addresses of "${range}": must be a range such as 172.29.0.200-172.29.0.250`);
    this.range = range;
    const from = numberOf(first);
    this.#addresses = Array.from({ length: numberOf(last) - from + 1 }, (_, index) => textOf(from + index));
  }

  /** Whether the address is one of the pool's. */
  has(address: string): boolean {
    return this.#addresses.includes(address);
  }

  holderOf(address: string): string | undefined {
    return this.#holders.get(address);
  }

  addressOf(holder: string): string | undefined {
    return [...this.#holders].find(([, one]) => one === holder)?.[0];
  }

  /** Gives the holder this address instead of what it had; `false` if it is another's or not of the pool. */
  take(address: string, holder: string): boolean {
    if (!this.has(address) || (this.#holders.get(address) ?? holder) !== holder) return false;
    this.release(holder);
    this.#holders.set(address, holder);
    return true;
  }

  /** The address that the holder has, else the lowest free one; `undefined` when there is none. */
  next(holder: string): string | undefined {
    const own = this.addressOf(holder);
    if (own !== undefined) return own;
    const free = this.#addresses.find((address) => !this.#holders.has(address));
    if (free !== undefined) this.#holders.set(free, holder);
    return free;
  }

  release(holder: string): void {
    for (const [address, one] of this.#holders) if (one === holder) this.#holders.delete(address);
  }
}

function numberOf(address: string): number {
  return parseIp(address)!.reduce((sum, byte) => sum * 256 + byte, 0);
}

function textOf(number: number): string {
  return ipText([24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256));
}
