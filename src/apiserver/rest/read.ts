import { refused, type StatusError } from '../../apimachinery/status.ts';
import { CompactedError, FutureRevisionError, type Revision } from '../../store/store.ts';
import { prefixRange } from '../../store/range.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { cachedEntry } from './guaranteed-update.ts';
import { keyOfOperation, optionOf, type Answer, type Core, type Operation } from './operation.ts';
import { checkListOptions, resourceVersionOption } from './list-options.ts';
import { numberOption } from './options.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';
import type { Selection } from '../cache/selection.ts';
import { selected, selectionInTurn } from './selection.ts';

/** Answers the object as it is now. */
export function get(core: Core, operation: Operation): Answer | Promise<Answer> {
  const { served } = operation;
  const wanted = resourceVersionOption(operation);
  if (wanted !== undefined) refuseFuture(core, wanted, true);
  const object = entryOf(core, operation);
  const answer: Answer = { kind: 'object', code: 200, served, object };
  return served.form.conversion?.ready([object])?.then(() => answer) ?? answer;
}

/** The stored object that a request names. It may have to be converted before it can be read. */
export function entryOf(core: Core, operation: Operation): CachedObject {
  const { served } = operation;
  const { namespace, name } = keyOfOperation(operation);
  const entry = core.cache.kind(served.prefix).get(storageKey(served, namespace, name));
  if (entry === undefined) throw refused.notFound(served.type, name);
  return entry;
}

/** Throws TooManyRequests, as upstream, whose cache of a kind never fills when one object cannot be decrypted. */
export function refuseUnreadable(core: Core, { prefix, type }: ServedVersion): void {
  const unreadable = core.cache.opened(prefix)?.unreadable;
  if (unreadable === undefined) return;
  const { key, reason } = unreadable;
  const group = type.group === '' ? 'core' : type.group.split('.')[0];
  throw refused.tooManyRequests(
    `storage is (re)initializing: failed to list *${group}.${type.kind}: unable to transform key ${JSON.stringify(key)}: ${reason}`,
    1,
  );
}

/** Lists from the cache; pages after the first, and lists of an exact version, from the store's history. */
export async function list(core: Core, operation: Operation): Promise<Answer> {
  checkListOptions(operation);
  refuseUnreadable(core, operation.served);
  const selecting = selectionInTurn(operation, core.context.clock);
  const selection = selecting instanceof Promise ? await selecting : selecting;
  const version = resourceVersionOption(operation);
  // Whatever the cache has, and all of it: that is what version 0 asks for.
  const limit = version === 0 ? 0 : (numberOption(operation, 'limit') ?? 0);
  const token = optionOf(operation, 'continue');
  if (token) {
    if (version !== undefined && version !== 0)
      throw refused.badRequest('specifying resource version is not allowed when using continue');
    const { revision, start } = decodeContinue(token);
    const from = selection.prefix + start;
    if (revision === -1) return listNow(core, operation, selection, limit, from);
    return listThen(core, operation, selection, limit, revision, from);
  }
  const match = optionOf(operation, 'resourceVersionMatch') ?? '';
  const isExact = match === 'Exact' || (match === '' && limit > 0 && version !== undefined && version > 0);
  if (isExact) return listThen(core, operation, selection, limit, version!, selection.prefix);
  if (version !== undefined) refuseFuture(core, version, true);
  return listNow(core, operation, selection, limit, undefined);
}

async function listNow(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  from: string | undefined,
): Promise<Answer> {
  const { served } = operation;
  const cache = core.cache.kind(served.prefix);
  const revision = core.cache.revision;
  if (selection.only !== undefined) {
    const entry = cache.get(selection.only);
    const entries = entry === undefined ? [] : await selected([entry], selection, core.context.clock);
    return { kind: 'list', served, entries, revision };
  }
  return fromCache(core, operation, selection, limit, revision, from);
}

async function listThen(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  at: Revision,
  from: string,
): Promise<Answer> {
  refuseFuture(core, at, false);
  if (at < core.compactor.compactRevision) throw expiredList(operation, selection, from);
  // Later pages mostly find everything as it was for the first one.
  const hasChanged = core.cache.kind(operation.served.prefix).hasChangedSince(at);
  if (!hasChanged) return fromCache(core, operation, selection, limit, at, from);
  try {
    return await fromHistory(core, operation, selection, limit, at, from);
  } catch (error) {
    if (error instanceof CompactedError) throw expiredList(operation, selection, from);
    if (error instanceof FutureRevisionError) throw tooLarge(at, core.cache.revision, false);
    throw error;
  }
}

/** What the cache shows, which is the state at `revision`. What happens while it is looked through changes nothing. */
async function fromCache(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  revision: Revision,
  from = selection.prefix,
): Promise<Answer> {
  const { served } = operation;
  const { prefix, matches } = selection;
  const cache = core.cache.kind(served.prefix);
  const most = limit > 0 ? limit : Infinity;
  const objects = cache.range(prefix, from, matches === undefined ? most + 1 : Infinity);
  const count = matches === undefined && objects.length > most ? cache.count(prefix, from) : undefined;
  const found = await selected(objects, selection, core.context.clock, most);
  if (found.length <= most) return { kind: 'list', served, entries: found, revision };
  const remaining = count === undefined ? undefined : count - most;
  return partOfList(served, selection, found.slice(0, most), revision, remaining);
}

/** Reads a page of an earlier state. Where a selector picks, as many entries as it takes are read. */
async function fromHistory(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  at: Revision,
  from: string,
): Promise<Answer> {
  const { served } = operation;
  const { prefix, matches } = selection;
  const most = limit > 0 ? limit : Infinity;
  const page: CachedObject[] = [];
  const { end } = prefixRange(prefix);
  for (let start = from; ;) {
    const options = most === Infinity ? { at } : { at, limit: most };
    const { entries, remaining } = await core.store.range({ start, end }, options);
    const objects = entries.map((entry) => cachedEntry(entry, served.prefix.length));
    for (const object of await selected(objects, selection, core.context.clock)) {
      if (page.length === most) return partOfList(served, selection, page, at, undefined);
      page.push(object);
    }
    if (remaining === 0) return { kind: 'list', served, entries: page, revision: at };
    if (matches === undefined) return partOfList(served, selection, page, at, remaining);
    start = `${entries.at(-1)!.key}\0`;
  }
}

/** A page with more behind it. How much that is, is told where no selector hides it. */
function partOfList(
  served: ServedVersion,
  { prefix }: Selection,
  entries: readonly CachedObject[],
  revision: Revision,
  remaining: number | undefined,
): Answer {
  const last = entries.at(-1)!.key.slice(prefix.length);
  return {
    kind: 'list',
    served,
    entries,
    revision,
    continue: encodeContinue({ revision, start: `${last}\0` }),
    ...(remaining === undefined ? {} : { remaining }),
  };
}

/** A version that has not happened yet cannot be waited for: writes of this server are all in its cache. */
function refuseFuture(core: Core, wanted: Revision, fromCache: boolean): void {
  if (wanted > core.cache.revision) throw tooLarge(wanted, core.cache.revision, fromCache);
}

export function tooLarge(wanted: Revision, current: Revision, fromCache: boolean): StatusError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return refused.other(
    504,
    'Timeout',
    message,
    fromCache ? { causes, retryAfterSeconds: 1 } : { retryAfterSeconds: 1 },
  );
}

function expiredList(operation: Operation, selection: Selection, from: string): StatusError {
  if (!optionOf(operation, 'continue')) return refused.expired('The resourceVersion for the provided list is too old.');
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const error = refused.expired(message);
  error.status.metadata.continue = encodeContinue({ revision: -1, start: from.slice(selection.prefix.length) });
  return error;
}
