import type { OnTransformation } from './prefixed.ts';

/** Upper bounds in seconds: 5 µs, doubled 24 times. */
export const transformationBounds: readonly number[] = Array.from({ length: 25 }, (_, at) => 5e-6 * 2 ** at);

/** How often something was done, and how long it took where it went well. */
export interface TransformationTally {
  readonly resource: string;
  readonly direction: 'to_storage' | 'from_storage';
  readonly prefix: string;
  succeeded: number;
  failed: number;
  seconds: number;
  /** How many took at most as long as each of {@link transformationBounds}, and longer than the one before; then the rest. */
  readonly took: number[];
}

/** What was encrypted and decrypted, by resource, direction and provider. */
export class TransformationTallies {
  readonly #tallies = new Map<string, TransformationTally>();

  /** What hears of the transformations of one resource. */
  of(resource: string): OnTransformation {
    return (direction, prefix, failure, seconds) => {
      const tally = this.#tally(resource, direction, prefix);
      if (failure !== undefined) {
        tally.failed++;
        return;
      }
      tally.succeeded++;
      tally.seconds += seconds;
      const at = transformationBounds.findIndex((bound) => seconds <= bound);
      tally.took[at < 0 ? transformationBounds.length : at]!++;
    };
  }

  all(): Iterable<Readonly<TransformationTally>> {
    return this.#tallies.values();
  }

  #tally(resource: string, direction: TransformationTally['direction'], prefix: string): TransformationTally {
    const key = `${resource} ${direction} ${prefix}`;
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const took = new Array<number>(transformationBounds.length + 1).fill(0);
    const tally = { resource, direction, prefix, succeeded: 0, failed: 0, seconds: 0, took };
    this.#tallies.set(key, tally);
    return tally;
  }
}
