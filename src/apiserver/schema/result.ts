import type { FieldError } from '../../apimachinery/validation.ts';

/** Something that a value does not fulfil. */
export interface Failure {
  /** What tells it from others: each is told once. */
  readonly text: string;
  /** With the path of the value that is checked as a whole before it. */
  readonly error: (root: string) => FieldError;
}

/** How many failures of a value are kept: more than an answer tells. */
const mostFailures = 2000;

/**
 * What came of checking a value. `matches` counts what was fulfilled on the way: of several alternatives, the failures of
 * the one with the most matches are told.
 */
export class Result {
  /** By their texts. Most values have none. */
  #failures: Map<string, Failure> | undefined;
  matches = 0;

  /** In the order in which they were found. */
  failures(): Iterable<Failure> {
    return this.#failures?.values() ?? [];
  }

  get isValid(): boolean {
    return this.#failures === undefined;
  }

  add(failure: Failure): void {
    const { text } = failure;
    this.#failures ??= new Map();
    if (this.#failures.size < mostFailures && !this.#failures.has(text)) this.#failures.set(text, failure);
  }

  merge(other: Result): void {
    for (const failure of other.failures()) this.add(failure);
    this.matches += other.matches;
  }

  clear(): void {
    this.#failures = undefined;
  }
}
