import { refused, type StatusError } from '../../apimachinery/status.ts';
import { CompactedError, FutureRevisionError, type Revision } from '../../store/store.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { keyOfOperation, optionOf, type Answer, type Core, type Operation } from './operation.ts';
import { checkListOptions, checkTimeout, numberOption, resourceVersionOption } from './options.ts';
import { storageKey } from './registry.ts';
import { selected, selectionOf, type Selection } from './selection.ts';

/** Answers the object as it is now. */
export function get(core: Core, operation: Operation): Answer {
  const { served } = operation;
  const wanted = resourceVersionOption(operation);
  if (wanted !== undefined) refuseFuture(core, wanted, true);
  return { kind: 'object', code: 200, served, object: entryOf(core, operation) };
}

/** The stored object that a request names. */
export function entryOf(core: Core, operation: Operation): CachedObject {
  const { served } = operation;
  const { namespace, name } = keyOfOperation(operation);
  const entry = core.cache.kind(served.prefix).get(storageKey(served, namespace, name));
  if (entry === undefined) throw refused.notFound(served.type, name);
  return entry;
}

/** Lists from the cache; pages after the first, and lists of an exact version, from the store's history. */
export async function list(core: Core, operation: Operation): Promise<Answer> {
  checkListOptions(operation);
  numberOption(operation, 'timeoutSeconds');
  checkTimeout(operation);
  const selection = selectionOf(operation);
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

function listNow(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  from: string | undefined,
): Answer {
  const { served } = operation;
  const cache = core.cache.kind(served.prefix);
  const revision = core.cache.revision;
  if (selection.only !== undefined) {
    const entry = cache.get(selection.only);
    const entries = entry === undefined ? [] : [...selected([entry], selection, served)];
    return { kind: 'list', served, entries, revision };
  }
  const all = from === undefined ? cache.range(selection.prefix) : after(cache.range(selection.prefix), from);
  return paged(operation, selection, selected(all, selection, served), limit, revision);
}

async function listThen(
  core: Core,
  operation: Operation,
  selection: Selection,
  limit: number,
  at: Revision,
  from: string,
): Promise<Answer> {
  const { served } = operation;
  refuseFuture(core, at, false);
  try {
    const { entries } = await core.store.list({ start: from, end: `${selection.prefix}\u{10ffff}` }, { at });
    const objects = entries.map(
      ({ key, value, created, modified }) => new CachedObject(key, served.prefix.length, value, created, modified),
    );
    return paged(operation, selection, selected(objects, selection, served), limit, at);
  } catch (error) {
    if (error instanceof CompactedError) throw expiredList(operation, selection, from);
    if (error instanceof FutureRevisionError) throw tooLarge(at, core.cache.revision, false);
    throw error;
  }
}

/** Cuts a page off `entries`; the rest is only counted, and only where no selector hides what it is. */
function paged(
  operation: Operation,
  selection: Selection,
  entries: Iterable<CachedObject>,
  limit: number,
  revision: Revision,
): Answer {
  const { served } = operation;
  if (limit <= 0) return { kind: 'list', served, entries: [...entries], revision };
  const page: CachedObject[] = [];
  let beyond = 0;
  for (const entry of entries) {
    if (page.length < limit) page.push(entry);
    else {
      beyond++;
      if (selection.matches !== undefined) break;
    }
  }
  if (beyond === 0) return { kind: 'list', served, entries: page, revision };
  const last = page[page.length - 1]!.key.slice(selection.prefix.length);
  const token = encodeContinue({ revision, start: `${last}\0` });
  return {
    kind: 'list',
    served,
    entries: page,
    revision,
    continue: token,
    ...(selection.matches === undefined ? { remaining: beyond } : {}),
  };
}

function* after(entries: Iterable<CachedObject>, from: string): Iterable<CachedObject> {
  for (const entry of entries) if (entry.key >= from) yield entry;
}

/** A version that has not happened yet cannot be waited for: writes of this server are all in its cache. */
export function refuseFuture(core: Core, wanted: Revision, fromCache: boolean): void {
  if (wanted > core.cache.revision) throw tooLarge(wanted, core.cache.revision, fromCache);
}

function tooLarge(wanted: Revision, current: Revision, fromCache: boolean): StatusError {
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
