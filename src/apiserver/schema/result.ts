import type { FieldError } from '../../apimachinery/validation.ts';

/** Something that a value does not fulfil. */
export interface Failure {
  /** What tells it from others: each is told once. */
  readonly text: string;
  /** With the path of the value that is checked as a whole before it. */
  readonly error: (root: string) => FieldError;
}

/**
 * What came of checking a value. `matches` counts what was fulfilled on the way: of several alternatives, the failures of
 * the one with the most matches are told.
 */
export class Result {
  failures: Failure[] = [];
  matches = 0;

  get isValid(): boolean {
    return this.failures.length === 0;
  }

  add(failure: Failure): void {
    if (this.failures.every(({ text }) => text !== failure.text)) this.failures.push(failure);
  }

  merge(other: Result): void {
    for (const failure of other.failures) this.add(failure);
    this.matches += other.matches;
  }
}
