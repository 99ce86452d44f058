import { BoundedMap } from './bounded-map.ts';
import type { Clock } from './clock.ts';

/** A cache of answers that are believed for a while; when full, the older half is forgotten. */
export class TimedMap<K, V> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #answers: BoundedMap<K, { readonly value: V; readonly until: number }>;

  /** Bounds as those of {@link BoundedMap}. */
  constructor(clock: Pick<Clock, 'monotonic'>, limit: number, longestKey?: number) {
    this.#clock = clock;
    this.#answers = new BoundedMap(limit, longestKey);
  }

  /** What was answered, which may be undefined itself; `undefined`: nothing, or too long ago. */
  get(key: K): { readonly value: V } | undefined {
    const known = this.#answers.get(key);
    return known !== undefined && this.#clock.monotonic() < known.until ? known : undefined;
  }

  /** Keeps the value for so many milliseconds, and answers it. */
  set(key: K, value: V, forMs: number): V {
    this.#answers.set(key, { value, until: this.#clock.monotonic() + forMs });
    return value;
  }
}
