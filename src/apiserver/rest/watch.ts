import type { KubeObject } from '../../apimachinery/object.ts';
import { refused, StatusError } from '../../apimachinery/status.ts';
import type { Revision } from '../../store/store.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { RunningWatcher, WatchStart } from '../cache/resource-cache.ts';
import type { EventSink } from '../cache/watcher.ts';
import type { Delivery } from '../cache/watcher-group.ts';
import { optionOf, type Core, type Operation } from './operation.ts';
import { checkListOptions, resourceVersionOption, startsWithAll } from './list-options.ts';
import { numberOption } from './options.ts';
import { refuseUnreadable, tooLarge } from './read.ts';
import { booleanOption } from './boolean-option.ts';
import { selectionInTurn } from './selection.ts';

/** Where the events of a watch go; `fail` gets what clients are told. */
export interface WatchSink extends Omit<EventSink, 'fail'> {
  fail(error: StatusError): void;
}

/** A watch that was asked for and may begin. */
export interface WatchRequest {
  readonly served: ServedVersion;
  readonly bookmarks: boolean;
  /** Seconds after which the client wants the stream to end. */
  readonly timeoutSeconds: number | undefined;
  /** Sends what is due as far as `sink` has room, then follows. */
  start(sink: WatchSink, delivery: Delivery): RunningWatcher;
}

/**
 * Reads the options of a watch. What is wrong with the request is thrown; what only shows when the watch begins (a version
 * that is too old) is its first event, as clients expect it.
 */
export async function watch(core: Core, operation: Operation): Promise<WatchRequest> {
  checkListOptions(operation);
  const { served } = operation;
  const timeoutSeconds = numberOption(operation, 'timeoutSeconds');
  const selecting = selectionInTurn(operation, core.context.clock);
  const selection = selecting instanceof Promise ? await selecting : selecting;
  const version = resourceVersionOption(operation) ?? 0;
  const bookmarks = booleanOption(optionOf(operation, 'allowWatchBookmarks'));
  const initial = startsWithAll(operation);
  const opening = core.cache.ready(served.prefix);
  if (opening !== undefined) await opening;
  refuseUnreadable(core, served);

  function start(sink: WatchSink, delivery: Delivery): RunningWatcher {
    const statusSink: EventSink = {
      events: (batch) => sink.events(batch),
      bookmark: (revision, isInitialEnd) => sink.bookmark(revision, isInitialEnd),
      drained: () => sink.drained(),
      end: () => sink.end(),
      fail: (error) => sink.fail(error instanceof StatusError ? error : failedWatch(core, served, error)),
    };
    const { revision } = core.cache;
    if (initial && version > revision) {
      sink.fail(tooLarge(version, revision, true));
      return { stop() {}, bookmark() {} };
    }
    // Without initial events and without a version a watch begins now.
    const from: WatchStart = initial ? { initial, endMark: bookmarks } : { after: version === 0 ? revision : version };
    const { apiVersion } = served;
    return core.cache.kind(served.prefix).watch({ selection, apiVersion, start: from, delivery }, statusSink);
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
