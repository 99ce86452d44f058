import type { Clock, Timer } from '../../base/clock.ts';

/** Requests that are under way go on with what served when they came. */
const graceMs = 60_000;

/** What serves now. What served before is disposed of a minute later. */
export class Current<T extends AsyncDisposable | Disposable> implements AsyncDisposable {
  #value: T;
  readonly #clock: Clock;
  readonly #replaced = new Map<T, Timer>();

  constructor(value: T, clock: Clock) {
    this.#value = value;
    this.#clock = clock;
  }

  get value(): T {
    return this.#value;
  }

  replace(next: T): void {
    const before = this.#value;
    this.#value = next;
    const end = () => {
      this.#replaced.delete(before);
      void dispose(before);
    };
    this.#replaced.set(before, this.#clock.setTimer(graceMs, end));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#replaced.values()) timer.cancel();
    await Promise.all([...this.#replaced.keys(), this.#value].map(dispose));
  }
}

async function dispose(one: AsyncDisposable | Disposable): Promise<void> {
  if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]();
  else one[Symbol.dispose]();
}
