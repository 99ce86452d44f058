import { BoundedMap } from '../../base/bounded-map.ts';
import { targetOf, type Target } from './target.ts';

const mostTargets = 1024;
/** Longer paths are read each time, in letters: whoever makes them up must not fill the memory. */
const longestTarget = 256;

/** Reads targets. Those of GET are asked for again and again; as a target never changes, it is then the same one. */
export class Targets {
  readonly #known = new BoundedMap<string, Target>(mostTargets, longestTarget);

  /** As {@link targetOf}. */
  of(method: string, raw: string): Target {
    if (method !== 'GET') return targetOf(method, raw);
    return this.#known.get(raw) ?? this.#read(raw);
  }

  #read(raw: string): Target {
    const target = targetOf('GET', raw);
    return target.isResource && target.refusal !== undefined ? target : this.#known.set(raw, target);
  }
}
