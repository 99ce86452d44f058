import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { CompactedError, type Change, type Revision } from '../../store/store.ts';
import { ObjectChange, type EventType } from '../cache/change.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { optionOf, type Core, type Operation } from './operation.ts';
import { checkListOptions, numberOption, resourceVersionOption } from './options.ts';
import { isTrueText } from './truth.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { selected, selectionOf } from './selection.ts';

/** Where the events of a watch go. Called in order; must not throw. */
export interface WatchSink {
  event(type: EventType, change: ObjectChange): void;
  /** All objects that were there at the start have been sent, or nothing happened up to `revision`. */
  bookmark(revision: Revision, isInitialEnd: boolean): void;
}

export interface RunningWatch {
  readonly served: ServedVersion;
  readonly bookmarks: boolean;
  /** Seconds after which the client wants the stream to end. */
  readonly timeoutSeconds: number | undefined;
  /** Sends what is due, then follows. The answer stops it. */
  start(sink: WatchSink): () => void;
}

/**
 * Prepares a watch: reads its options and the history that it asks for. Throws Expired where that history is gone.
 * Between `start`'s replay and the first followed change nothing is lost: both happen without giving up the event loop.
 */
export async function watch(core: Core, operation: Operation): Promise<RunningWatch> {
  checkListOptions(operation);
  const { served } = operation;
  const timeoutSeconds = numberOption(operation, 'timeoutSeconds');
  const selection = selectionOf(operation);
  const version = resourceVersionOption(operation) ?? 0;
  const bookmarks = isTrueText(optionOf(operation, 'allowWatchBookmarks'));
  const sendInitial = optionOf(operation, 'sendInitialEvents');
  const initial = sendInitial === undefined || sendInitial === '' ? version === 0 : isTrueText(sendInitial);
  if (!initial && version < core.store.oldest())
    throw refused.expired(`too old resource version: ${version} (${core.store.oldest()})`);
  const older = initial ? [] : await history(core, served, version);
  const cache = core.cache.kind(served.prefix);

  function start(sink: WatchSink): () => void {
    let last = version;
    const deliver = (change: ObjectChange) => {
      if (change.revision <= last) return;
      last = change.revision;
      if (!change.now.key.startsWith(selection.prefix)) return;
      const type = change.typeFor(selection.matches, served.form);
      if (type !== undefined) sink.event(type, change);
    };
    if (initial) {
      for (const entry of selected(cache.range(selection.prefix), selection, served))
        sink.event('ADDED', new ObjectChange(entry, undefined, false));
      last = core.cache.revision;
      if (isTrueText(sendInitial)) sink.bookmark(last, true);
    } else {
      for (const change of older) deliver(change);
      const recent = last > core.cache.revision ? [] : cache.since(last);
      if (recent === undefined) throw refused.expired(`too old resource version: ${last} (${core.store.oldest()})`);
      for (const change of recent) deliver(change);
    }
    return cache.listen(deliver);
  }
  return { served, bookmarks, timeoutSeconds, start };
}

/** What happened after `version` and is no longer in the cache's window, from the store. */
async function history(core: Core, served: ServedVersion, version: Revision): Promise<ObjectChange[]> {
  const cache = core.cache.kind(served.prefix);
  if (version > core.cache.revision || cache.since(version) !== undefined) return [];
  const stop = new AbortController();
  const changes: ObjectChange[] = [];
  const until = core.cache.revision;
  try {
    for await (const event of core.store.watch(served.prefix, { after: version, signal: stop.signal })) {
      if (event.type === 'changes') for (const change of event.changes) changes.push(replayed(change, served));
      if (event.revision >= until) stop.abort();
    }
  } catch (error) {
    if (error instanceof CompactedError)
      throw refused.expired(`too old resource version: ${version} (${error.oldest})`);
    throw error;
  }
  return changes;
}

function replayed({ type, entry, previous }: Change, { prefix }: ServedVersion): ObjectChange {
  const now = new CachedObject(entry.key, prefix.length, entry.value, entry.created, entry.modified);
  const before =
    previous && new CachedObject(previous.key, prefix.length, previous.value, previous.created, previous.modified);
  return new ObjectChange(now, before, type === 'delete');
}

/** The object of a bookmark. */
export function bookmarkObject(
  { type, apiVersion }: ServedVersion,
  revision: Revision,
  isInitialEnd: boolean,
): KubeObject {
  const annotations = isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return {
    kind: type.kind,
    apiVersion,
    metadata: { resourceVersion: String(revision), ...annotations } as KubeObject['metadata'],
  };
}
