import type { KubeObject } from '../../apimachinery/object.ts';
import { refused, StatusError } from '../../apimachinery/status.ts';
import type { Revision } from '../../store/store.ts';
import { ObjectChange, type EventType } from '../cache/change.ts';
import { optionOf, type Core, type Operation } from './operation.ts';
import { checkListOptions, numberOption, resourceVersionOption } from './options.ts';
import { isTrueText } from './truth.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { selected, selectionOf } from './selection.ts';

/** Where the events of a watch go. Called in order; what it throws ends the watch. */
export interface WatchSink {
  event(type: EventType, change: ObjectChange): void;
  /** All objects that were there at the start have been sent, or nothing happened up to `revision`. */
  bookmark(revision: Revision, isInitialEnd: boolean): void;
  /** The watch cannot go on; nothing follows. */
  fail(error: StatusError): void;
  /** The kind is not served any more; nothing follows. */
  end(): void;
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
 * Prepares a watch: reads its options and the history that it asks for. What is wrong with the request is thrown; what
 * only shows when the watch begins (a version that is too old) is its first event, as clients expect it.
 * Between `start`'s replay and the first followed change nothing is lost: both happen without giving up the event loop.
 */
export async function watch(core: Core, operation: Operation): Promise<RunningWatch> {
  checkListOptions(operation);
  const { served } = operation;
  const timeoutSeconds = numberOption(operation, 'timeoutSeconds');
  const selection = selectionOf(operation);
  const given = resourceVersionOption(operation) ?? 0;
  const bookmarks = isTrueText(optionOf(operation, 'allowWatchBookmarks'));
  const sendInitial = optionOf(operation, 'sendInitialEvents') ?? '';
  const initial = sendInitial === '' ? given === 0 : isTrueText(sendInitial);
  const opening = core.cache.ready(served.prefix);
  if (opening !== undefined) await opening;
  const cache = core.cache.kind(served.prefix);
  // Without initial events and without a version a watch begins now.
  const version = initial || given > 0 ? given : core.cache.revision;

  function start(sink: WatchSink): () => void {
    let stop = () => {};
    const fail = (error: unknown) => {
      stop();
      sink.fail(error instanceof StatusError ? error : failedWatch(core, served, error));
    };
    let last = version;
    const deliver = (change: ObjectChange) => {
      if (change.revision <= last) return;
      last = change.revision;
      if (!change.now.key.startsWith(selection.prefix)) return;
      const type = change.typeFor(selection.matches, served.form);
      if (type !== undefined) sink.event(type, change);
    };
    try {
      if (initial) {
        for (const entry of selected(cache.range(selection.prefix), selection, served))
          sink.event('ADDED', new ObjectChange(entry, undefined, false));
        last = core.cache.revision;
        if (bookmarks && sendInitial !== '') sink.bookmark(last, true);
      } else {
        const recent = last > core.cache.revision ? [] : cache.since(last);
        if (recent === undefined) throw refused.expired(`too old resource version: ${last} (${cache.oldest})`);
        for (const change of recent) deliver(change);
      }
      stop = cache.listen({ change: deliver, fail, end: () => sink.end() });
    } catch (error) {
      fail(error);
    }
    return () => stop();
  }
  return { served, bookmarks, timeoutSeconds, start };
}

/** Something in a watch is broken: the others must not suffer, and somebody must hear of it. */
function failedWatch({ context }: Core, { type }: ServedVersion, error: unknown): StatusError {
  context.log.error('Watch failed', { resource: type.resource, group: type.group, error });
  return refused.internal(error instanceof Error ? error.message : String(error));
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
