import type { ServedVersion } from '../catalog/served-version.ts';

/** Upper bounds in bytes of an event: 1 KiB, doubled seven times. */
export const eventSizeBounds: readonly number[] = Array.from({ length: 8 }, (_, at) => 1024 * 2 ** at);

/** The watches of one version of a kind. */
export interface WatchTally {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** That are open now. */
  open: number;
  /** Events that were sent. */
  events: number;
  /** Of events; those that are sent together count as equally long. */
  bytes: number;
  /** By {@link eventSizeBounds}, not cumulative; the last is for longer ones. */
  readonly sizes: number[];
}

/** What was sent to watches, by what they watch. */
export class WatchTallies {
  readonly #tallies = new Map<string, WatchTally>();

  of({ type, apiVersion }: ServedVersion): WatchTally {
    const { group, version, resource } = type;
    const key = `${apiVersion} ${resource}`;
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const sizes = new Array<number>(eventSizeBounds.length + 1).fill(0);
    const tally = { group, version, resource, open: 0, events: 0, bytes: 0, sizes };
    this.#tallies.set(key, tally);
    return tally;
  }

  all(): Iterable<Readonly<WatchTally>> {
    return this.#tallies.values();
  }
}

/** Counts events that were sent together. */
export function countEvents(tally: WatchTally, events: number, bytes: number): void {
  if (events === 0) return;
  tally.events += events;
  tally.bytes += bytes;
  const size = bytes / events;
  let at = 0;
  while (at < eventSizeBounds.length && size > eventSizeBounds[at]!) at++;
  tally.sizes[at]! += events;
}
