import { onAbort } from '../base/abort.ts';
import type { Change, Revision, StoreEvent } from './store.ts';

/** Where watchers get what happened before they came, or while they were slow. */
export interface WatchSource {
  /** The next events under `prefix` after `after`, not beyond `until`. Throws where history is gone. */
  replay(prefix: string, after: Revision, until: Revision): StoreEvent;
}

/** A watcher with more changes than this in its line gives them back and reads them from history when it gets to it. */
const longestLine = 4096;

/**
 * Hands each commit to all who watch. Watchers of one prefix share one event; nothing is copied for any of them.
 * A watcher is either behind, and pulls from history, or abreast, and has events pushed into its line; it changes from
 * one to the other between two events, so that none is lost or repeated.
 */
export class WatchHub {
  readonly #source: WatchSource;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #revision: Revision;
  #closed: Error | undefined;
  #progressIsDue = false;

  constructor(source: WatchSource, revision: Revision) {
    this.#source = source;
    this.#revision = revision;
  }

  /** The newest revision that was published. */
  get revision(): Revision {
    return this.#revision;
  }

  watch(
    prefix: string,
    { after, signal }: { after: Revision; signal: AbortSignal },
  ): AsyncIterableIterator<StoreEvent, undefined> {
    return new Watcher(this, this.#source, prefix, after, signal);
  }

  /** All changes of one or more revisions, up to and with `revision`. */
  publish(changes: readonly Change[], revision: Revision): void {
    this.#revision = revision;
    if (this.#watchers.size === 0) return;
    const byPrefix = new Map<string, Change[]>();
    for (const change of changes) {
      const { key } = change;
      for (const prefix of this.#watchers.keys()) {
        if (!key.startsWith(prefix)) continue;
        const list = byPrefix.get(prefix);
        if (list === undefined) byPrefix.set(prefix, [change]);
        else list.push(change);
      }
    }
    for (const [prefix, list] of byPrefix) {
      const event: StoreEvent = { type: 'changes', revision, changes: list };
      for (const watcher of [...this.#watchers.get(prefix)!]) watcher.push(event);
    }
    this.#tellProgressSoon();
  }

  /** Ends all watches, those to come as well, with `reason`. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const watchers of [...this.#watchers.values()]) for (const watcher of [...watchers]) watcher.fail(reason);
  }

  /** For the watcher itself: it is abreast and wants events pushed. */
  join(watcher: Watcher): void {
    if (this.#closed !== undefined) return watcher.fail(this.#closed);
    const { prefix } = watcher;
    const watchers = this.#watchers.get(prefix);
    if (watchers === undefined) this.#watchers.set(prefix, new Set([watcher]));
    else watchers.add(watcher);
  }

  leave(watcher: Watcher): void {
    const watchers = this.#watchers.get(watcher.prefix);
    if (watchers?.delete(watcher) && watchers.size === 0) this.#watchers.delete(watcher.prefix);
  }

  /** Once for all commits of a run of promise work: who waits for changes learns how far nothing happened. */
  #tellProgressSoon(): void {
    if (this.#progressIsDue) return;
    this.#progressIsDue = true;
    queueMicrotask(() => {
      this.#progressIsDue = false;
      for (const watchers of [...this.#watchers.values()]) for (const watcher of [...watchers]) watcher.tellProgress();
    });
  }
}

class Watcher implements AsyncIterableIterator<StoreEvent, undefined> {
  readonly prefix: string;
  readonly #hub: WatchHub;
  readonly #source: WatchSource;
  /** The revision of the last event given out. */
  #seen: Revision;
  #state: 'behind' | 'abreast' | 'ended' = 'behind';
  #line: StoreEvent[] = [];
  #changesInLine = 0;
  #failure: Error | undefined;
  #waiting: { resolve(result: IteratorResult<StoreEvent, undefined>): void; reject(error: unknown): void } | undefined;
  readonly #forgetSignal: () => void;

  constructor(hub: WatchHub, source: WatchSource, prefix: string, after: Revision, signal: AbortSignal) {
    this.#hub = hub;
    this.#source = source;
    this.prefix = prefix;
    this.#seen = after;
    this.#forgetSignal = onAbort(signal, () => this.#end());
  }

  next(): Promise<IteratorResult<StoreEvent, undefined>> {
    if (this.#waiting !== undefined)
      return Promise.reject(new Error('Cannot take from the watch: someone else waits already'));
    try {
      const event = this.#ready();
      if (event !== undefined) return Promise.resolve({ done: false, value: event });
    } catch (error) {
      this.#end();
      return Promise.reject(error as Error);
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      return Promise.reject(failure);
    }
    if (this.#state === 'ended') return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  return(): Promise<IteratorResult<StoreEvent, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For the hub: an event after all that it pushed before. */
  push(event: StoreEvent): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      this.#seen = event.revision;
      waiting.resolve({ done: false, value: event });
      return;
    }
    this.#line.push(event);
    this.#changesInLine += event.type === 'changes' ? event.changes.length : 0;
    if (this.#changesInLine <= longestLine) return;
    this.#hub.leave(this);
    this.#state = 'behind';
    this.#clearLine();
  }

  tellProgress(): void {
    const { revision } = this.#hub;
    if (this.#waiting !== undefined && this.#seen < revision) this.push({ type: 'progress', revision });
  }

  fail(reason: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#failure = reason;
    this.#end();
    waiting?.reject(reason);
  }

  #ready(): StoreEvent | undefined {
    if (this.#state === 'behind') {
      // Also tells whether the history can be followed from here at all.
      const event = this.#source.replay(this.prefix, this.#seen, this.#hub.revision);
      if (event.revision > this.#seen) {
        this.#seen = event.revision;
        return event;
      }
      this.#state = 'abreast';
      this.#hub.join(this);
    }
    if (this.#state !== 'abreast') return undefined;
    const event = this.#line.shift();
    if (event !== undefined) {
      this.#changesInLine -= event.type === 'changes' ? event.changes.length : 0;
      this.#seen = event.revision;
      return event;
    }
    const { revision } = this.#hub;
    if (this.#seen >= revision) return undefined;
    this.#seen = revision;
    return { type: 'progress', revision };
  }

  #end(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'abreast') this.#hub.leave(this);
    this.#state = 'ended';
    this.#forgetSignal?.();
    this.#clearLine();
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  #clearLine(): void {
    this.#line = [];
    this.#changesInLine = 0;
  }
}
