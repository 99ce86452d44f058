/**
 * Short work of which much may come at once, such as connections that begin or end: of it so much is done in one turn of
 * the event loop, and the rest in those after it, in the order in which it came. What it takes is done by the engine behind
 * the call, so that it is counted and not measured. On virtual time no time passes meanwhile.
 */
export class FewInTurn {
  readonly #most: number;
  readonly #line: (() => void)[] = [];
  #done = 0;
  #isOpen = false;

  /** `most`: pieces of work in one turn. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does the work at once where the turn has room for it and nobody waits, else in a later one. */
  run(work: () => void): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      setImmediate(this.#turn);
    }
    if (this.#done >= this.#most) return void this.#line.push(work);
    this.#done++;
    work();
  }

  /** Resolves when work that somebody else calls for may be done. */
  share(): Promise<void> {
    return new Promise((resolve) => this.run(resolve));
  }

  readonly #turn = (): void => {
    const few = this.#line.splice(0, this.#most);
    this.#done = few.length;
    this.#isOpen = few.length > 0;
    if (this.#isOpen) setImmediate(this.#turn);
    for (const work of few) work();
  };
}
