import { BoundedMap } from '../../base/bounded-map.ts';
import type { OwnerState } from './owners.ts';

/** What the server says of an owner; `elsewhere`: it is in another namespace than the object that names it. */
export type AskedState = OwnerState | 'elsewhere';

/**
 * Owners that the server was asked for and does not have. A uid is never given twice, so what is gone stays gone: the
 * dependents of one owner ask once, also when they all ask at the same time.
 */
export class AbsentOwners {
  readonly #asked = new BoundedMap<string, Promise<AskedState>>(1000, 2000);

  /** What `ask` finds out from the server, unless the owner is known to be gone or is being asked for. */
  stateOf(owner: string, ask: () => Promise<AskedState>): Promise<AskedState> {
    return this.#asked.get(owner) ?? this.#asked.set(owner, this.#ask(owner, ask));
  }

  async #ask(owner: string, ask: () => Promise<AskedState>): Promise<AskedState> {
    let state: AskedState | undefined;
    try {
      return (state = await ask());
    } finally {
      if (state !== 'gone' && state !== 'elsewhere') this.#asked.delete(owner);
    }
  }
}
