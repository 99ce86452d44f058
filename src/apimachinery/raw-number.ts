/**
 * A number of JSON that JavaScript's own would write as another text: most integers beyond 2^53, and what was written in a
 * way of its own (`1e400`, `1.50`). It is kept as its text, and written as it was read; any other number stands for the
 * text that JavaScript writes. Where it must be computed with, it counts as the nearest number. Immutable.
 */
export class RawNumber {
  readonly #text: string;

  /** `text` must be a number as JSON writes it. */
  constructor(text: string) {
    this.#text = text;
  }

  /** A plain number where that stands for the integer. */
  static ofInteger(value: bigint): number | RawNumber {
    const text = String(value);
    const nearest = Number(value);
    return String(nearest) === text ? nearest : new RawNumber(text);
  }

  /** Whether both are written in the same way. */
  equals(other: unknown): boolean {
    return other instanceof RawNumber && other.#text === this.#text;
  }

  /** The integer that the text says; `undefined` for a fraction or an exponent. */
  get integer(): bigint | undefined {
    return /^-?\d+$/.test(this.#text) ? BigInt(this.#text) : undefined;
  }

  valueOf(): number {
    return Number(this.#text);
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.#text);
  }
}
