/** Hands out the addresses of an IPv4 block, lowest free one first; network, gateway and broadcast stay unused. */
export class AddressPool {
  readonly #base: number;
  readonly #size: number;
  readonly #used = new Set<number>();

  /** Throws on anything but an IPv4 block such as `10.244.1.0/24`. */
  constructor(cidr: string) {
    const [address = '', bits = ''] = cidr.split('/');
    const parts = address.split('.').map(Number);
    const prefix = Number(bits);
    const valid = parts.length === 4 && parts.every((part) => part >= 0 && part <= 255) && prefix >= 8 && prefix <= 30;
    if (!valid) throw new Error(`Cannot make an address pool of "${cidr}": want an IPv4 block of /8 to /30`);
    this.#size = 2 ** (32 - prefix);
    const start = parts.reduce((sum, part) => sum * 256 + part, 0);
    this.#base = start - (start % this.#size);
  }

  /** `undefined` when every address is in use. */
  take(): string | undefined {
    for (let offset = 2; offset < this.#size - 1; offset++) {
      if (this.#used.has(offset)) continue;
      this.#used.add(offset);
      return textOf(this.#base + offset);
    }
    return undefined;
  }

  /** Giving back what was not taken is no error. */
  giveBack(address: string): void {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#used.delete(number - this.#base);
  }
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
