import type { WatchEvent } from '../../apimachinery/request.ts';
import { AsyncQueue } from '../../base/async-queue.ts';
import { onAbort } from '../../base/abort.ts';
import type { Core, Operation } from './operation.ts';
import { bookmarkObject, watch, type WatchSink } from './watch.ts';

/** How long a watch in the same process may go without learning how far its server has come, in milliseconds. */
const bookmarkEveryMs = 1000;
/** Events that may wait for a consumer in the same process; the rest waits in the cache's window. */
const mostWaiting = 1024;

/** An open watch; disposing ends it. */
export interface WatchEvents extends AsyncIterableIterator<WatchEvent, undefined>, Disposable {}

/**
 * The events of a watch for a consumer in the same process, in as few steps of promises as can be. An ERROR event is
 * thrown as StatusError.
 */
export async function watchEvents(core: Core, operation: Operation, signal: AbortSignal): Promise<WatchEvents> {
  const { served, start } = await watch(core, operation);
  const queue = new AsyncQueue<WatchEvent>();
  let last = 0;
  let onDrained: (() => void) | undefined;
  const sink: WatchSink = {
    events({ events }) {
      for (const { type, change } of events) {
        last = change.revision;
        queue.push({ type, object: change.objectFor(type).object(served.form) });
      }
      return queue.size < mostWaiting;
    },
    bookmark(revision, isInitialEnd) {
      if (revision <= last && !isInitialEnd) return;
      last = revision;
      queue.push({ type: 'BOOKMARK', object: bookmarkObject(served, revision, isInitialEnd) });
    },
    drained: () => new Promise((resolve) => (onDrained = resolve)),
    fail: (error) => queue.close(error),
    end: () => queue.close(),
  };
  const watcher = start(sink, 'immediate');
  const unlink = onAbort(signal, () => queue.close());
  const stopBookmarks = keepBookmarking(core, watcher);
  const wake = (most: number): void => {
    if (queue.size > most) return;
    onDrained?.();
    onDrained = undefined;
  };
  const events: WatchEvents = {
    next() {
      const next = queue.next();
      if (onDrained !== undefined) wake(mostWaiting / 2);
      return next;
    },
    return: () => queue.return(),
    [Symbol.asyncIterator]: () => events,
    [Symbol.dispose]() {
      stopBookmarks();
      watcher.stop();
      wake(Infinity);
      unlink();
    },
  };
  return events;
}

/** Tells a watch how far its server has come, once it has come further: where nothing is written, no time is kept. */
function keepBookmarking({ cache, context: { clock } }: Core, watcher: { bookmark(): void }): () => void {
  let cancel = (): void => {};
  const wait = (): void => {
    cancel();
    const timer = clock.setTimer(bookmarkEveryMs, () => {
      watcher.bookmark();
      cancel = cache.onProgress(wait);
    });
    cancel = timer.cancel;
  };
  wait();
  return () => cancel();
}
