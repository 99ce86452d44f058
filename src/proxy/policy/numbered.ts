/** What is in use, by its key, with a number that nothing else ever has. */
interface Used<T> {
  readonly number: number;
  readonly value: T;
  users: number;
}

/** Gives the same number to all users of one key for as long as there is one. */
export class Numbered<T> {
  readonly #used = new Map<string, Used<T>>();
  readonly #nextNumber: () => number;
  readonly #onFirst: (number: number, value: T) => void;
  readonly #onLast: (number: number, value: T) => void;

  constructor(
    nextNumber: () => number,
    { onFirst, onLast }: { onFirst: (number: number, value: T) => void; onLast: (number: number, value: T) => void },
  ) {
    this.#nextNumber = nextNumber;
    this.#onFirst = onFirst;
    this.#onLast = onLast;
  }

  /** One user more. */
  use(key: string, value: T): number {
    const found = this.#used.get(key);
    if (found !== undefined) {
      found.users++;
      return found.number;
    }
    const number = this.#nextNumber();
    this.#used.set(key, { number, value, users: 1 });
    this.#onFirst(number, value);
    return number;
  }

  /** One user less. */
  leave(key: string): void {
    const found = this.#used.get(key)!;
    if (--found.users > 0) return;
    this.#used.delete(key);
    this.#onLast(found.number, found.value);
  }
}
