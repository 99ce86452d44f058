import { BoundedMap } from '../../base/bounded-map.ts';
import type { OwnerState } from './owners.ts';

/**
 * Owners that the server was asked for and does not have. A uid is never given twice, so what is gone stays gone: the
 * dependents of one owner ask once, also when they all ask at the same time.
 */
export class AbsentOwners {
  readonly #asked = new BoundedMap<string, Promise<OwnerState>>(1000, 2000);

  /** What `ask` finds out from the server, unless the owner is known to be gone or is being asked for. */
  stateOf(owner: string, ask: () => Promise<OwnerState>): Promise<OwnerState> {
    return this.#asked.get(owner) ?? this.#asked.set(owner, this.#ask(owner, ask));
  }

  async #ask(owner: string, ask: () => Promise<OwnerState>): Promise<OwnerState> {
    let state: OwnerState | undefined;
    try {
      return (state = await ask());
    } finally {
      if (state !== 'gone') this.#asked.delete(owner);
    }
  }
}
