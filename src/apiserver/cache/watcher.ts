import type { Clock } from '../../base/clock.ts';
import { Turns } from '../../base/turns.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Revision } from '../../store/store.ts';
import type { CachedObject } from './cached-object.ts';
import type { WatchedEvent } from './change.ts';
import { EventBatch } from './event-batch.ts';
import type { Snapshot } from './snapshot.ts';
import type { WatcherGroup } from './watcher-group.ts';
import type { Window } from './window.ts';

/** Where the events of a watch go. Called in order; what it throws ends the watch. */
export interface EventSink {
  /** Takes these events, whatever room there is; false: no more, please, until {@link drained}. */
  events(batch: EventBatch): boolean;
  /** All objects that were there at the start have been sent, or nothing happened up to `revision`. */
  bookmark(revision: Revision, isInitialEnd: boolean): void;
  /** Resolves when there is room again, or nobody is left to write to. */
  drained(): Promise<void>;
  /** The watch cannot go on; nothing follows. */
  fail(error: unknown): void;
  /** The kind is not served any more; nothing follows. */
  end(): void;
}

/** Stored bytes that are written to a watcher at once while it catches up, unless one object is larger. */
const mostBatchBytes = 64 * 1024;
/** A larger batch of new events is read from the window piece by piece. */
const mostSharedBytes = 1024 * 1024;
/** Changes that are looked at for one batch. */
const mostTested = 256;

export interface WatcherParts {
  readonly window: Window;
  readonly group: WatcherGroup;
  readonly sink: EventSink;
  readonly clock: Clock;
  /** What comes before the window's changes. */
  readonly beginning: Snapshot | undefined;
  /** Where in the window to go on then; `undefined`: what is needed is no longer there. */
  readonly position: number | undefined;
  /** No change up to this one is wanted. */
  readonly after: Revision;
  /** The newest revision that has been shown. */
  revision(): Revision;
}

/**
 * One watch, as a cursor that pulls. While it is behind it holds no events, only the position up to which it has come,
 * and goes on when its sink has room; abreast of the window, it gets new events with all others of its group.
 */
export class Watcher {
  readonly #parts: WatcherParts;
  readonly #turns: Turns;
  #beginning: Snapshot | undefined;
  #position: number;
  #last: Revision;
  #state: 'behind' | 'abreast' | 'over' = 'behind';

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#turns = Turns.of(parts.clock);
    this.#beginning = parts.beginning;
    this.#position = parts.position ?? -1;
    this.#last = parts.after;
  }

  get isBehind(): boolean {
    return this.#state === 'behind';
  }

  /** Sends what is due, as far as the sink has room. */
  start(): void {
    this.#guarded(() => this.#pull());
  }

  stop(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#beginning = undefined;
    this.#parts.group.remove(this);
  }

  /** Ends the watch without an error. */
  close(): void {
    if (this.#state === 'over') return;
    this.stop();
    this.#parts.sink.end();
  }

  end(error: unknown): void {
    if (this.#state === 'over') return;
    this.stop();
    this.#parts.sink.fail(error);
  }

  /** Takes new events that all of its group get. */
  deliver(batch: EventBatch): void {
    if (this.#state !== 'abreast') return;
    try {
      this.#take(batch);
    } catch (error) {
      this.end(error);
    }
  }

  #take(batch: EventBatch): void {
    const { window, sink } = this.#parts;
    const { events } = batch;
    const from = Math.max(this.#position, events[0]!.change.position);
    // Whatever the window has lost within one turn, who was abreast has lost nothing.
    if (batch.bytes > mostSharedBytes && from >= window.first) {
      this.#position = from;
      this.#state = 'behind';
      return this.#pull();
    }
    const wanted = this.#isNew(events[0]!) ? batch : new EventBatch(events.filter((event) => this.#isNew(event)));
    this.#position = window.end;
    if (wanted.events.length === 0) return;
    this.#last = wanted.events.at(-1)!.change.revision;
    if (sink.events(wanted)) return;
    this.#state = 'behind';
    this.#goOnAfter(sink.drained());
  }

  /** There is more in the window. */
  wake(): void {
    if (this.#state !== 'abreast') return;
    this.#state = 'behind';
    this.start();
  }

  /** Tells how far the watch has come, if it has seen all there is. */
  bookmark(): void {
    if (this.#state !== 'abreast') return;
    this.#guarded(() => this.#parts.sink.bookmark(Math.max(this.#parts.after, this.#parts.revision()), false));
  }

  /** Ends the watch when the window no longer holds what it needs. */
  checkExpired(): void {
    const { window } = this.#parts;
    if (this.#state === 'behind' && this.#position < window.first) this.end(tooOld(this.#last, window.from));
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.end(error);
    }
  }

  #isNew({ change }: WatchedEvent): boolean {
    return change.position >= this.#position && change.revision > this.#parts.after;
  }

  #pull(): void {
    const { sink } = this.#parts;
    while (this.#state === 'behind') {
      const unready = this.#parts.group.selection.conversion?.ready(this.#upcoming());
      if (unready !== undefined) return this.#goOnAfter(unready);
      const next = this.#next();
      if (next === undefined) {
        this.#state = 'abreast';
        return;
      }
      if (next.events.length > 0 && !sink.events(next)) return this.#goOnAfter(sink.drained());
      if (this.#turns.isOver) return this.#goOnAfter(this.#turns.next());
    }
  }

  /** The next events, perhaps none; `undefined` when all there is has been sent. */
  #next(): EventBatch | undefined {
    if (this.#beginning === undefined) return this.#fromWindow();
    const batch = this.#beginning.next(mostBatchBytes);
    if (batch !== undefined) return batch;
    const { endMark } = this.#beginning;
    this.#beginning = undefined;
    if (endMark !== undefined) this.#parts.sink.bookmark(endMark, true);
    return this.#fromWindow();
  }

  /** The objects that the next events are made of. */
  #upcoming(): readonly CachedObject[] {
    const first = this.#beginning?.upcoming ?? [];
    if (first.length > 0) return first;
    const { window, group, after } = this.#parts;
    const objects: CachedObject[] = [];
    const stop = Math.min(window.end, this.#position + mostTested);
    for (let at = this.#position; at >= window.first && at < stop; at++) {
      const { now, before, revision } = window.at(at);
      if (revision <= after) continue;
      objects.push(now);
      if (group.selection.matches !== undefined && before !== undefined) objects.push(before);
    }
    return objects;
  }

  #fromWindow(): EventBatch | undefined {
    const { window, group, after } = this.#parts;
    if (this.#position < window.first) throw tooOld(this.#last, window.from);
    const { end } = window;
    if (this.#position >= end) return undefined;
    const events: WatchedEvent[] = [];
    let bytes = 0;
    const stop = Math.min(end, this.#position + mostTested);
    while (this.#position < stop && bytes < mostBatchBytes) {
      const change = window.at(this.#position++);
      if (change.revision <= after) continue;
      this.#last = change.revision;
      bytes += change.now.stored.length;
      const type = change.typeFor(group.selection);
      if (type !== undefined) events.push({ type, change });
    }
    return new EventBatch(events);
  }

  #goOnAfter(waiting: Promise<void>): void {
    waiting.then(
      () => this.#guarded(() => this.#pull()),
      (error: unknown) => this.end(error),
    );
  }
}

function tooOld(version: Revision, oldest: Revision) {
  return refused.expired(`too old resource version: ${version} (${oldest})`);
}
