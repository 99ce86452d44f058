import type { WatchedEvent } from './change.ts';

/** Events that all watchers of a group get at the same time; what several of them need is made once. */
export class EventBatch {
  readonly events: readonly WatchedEvent[];
  /** Stored bytes of the objects. */
  readonly bytes: number;
  #encoded: Map<string, Uint8Array> | undefined;

  constructor(events: readonly WatchedEvent[]) {
    this.events = events;
    let bytes = 0;
    for (const { change } of events) bytes += change.now.stored.length;
    this.bytes = bytes;
  }

  /** What `make` makes of the events; asked once for each key, which names form and media type. */
  encoded(key: string, make: (batch: EventBatch) => Uint8Array): Uint8Array {
    this.#encoded ??= new Map();
    let encoded = this.#encoded.get(key);
    if (encoded === undefined) this.#encoded.set(key, (encoded = make(this)));
    return encoded;
  }
}
