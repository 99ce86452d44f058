/** Bytes of one sort that may be held on all connections together. */
export class ByteBudget {
  readonly #limit: number;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** What one holder has of a budget, which changes as it goes on. What is below `free` bytes is nobody's concern. */
export class ByteShare {
  readonly #budget: ByteBudget;
  readonly #free: number;
  #taken = 0;

  constructor(budget: ByteBudget, free: number) {
    this.#budget = budget;
    this.#free = free;
  }

  /** Says how many bytes are held now; false: the budget has no room for them, and the share is as before. */
  set(bytes: number): boolean {
    const wanted = Math.max(0, bytes - this.#free);
    if (wanted > this.#taken) {
      if (!this.#budget.take(wanted - this.#taken)) return false;
    } else this.#budget.give(this.#taken - wanted);
    this.#taken = wanted;
    return true;
  }
}
