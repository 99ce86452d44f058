import type { KubeObject } from '../../apimachinery/object.ts';
import { isStatus, refused } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import type { Entry } from '../../store/store.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { decodeDeleteOptions } from './body.ts';
import { guaranteedUpdate, type Outcome } from './guaranteed-update.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { checkListOptions } from './list-options.ts';
import { deletionOptions, numberOption, type DeletionOptions } from './options.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { Strategy } from './strategy.ts';
import { selected, selectionInTurn } from './selection.ts';
import { admission, committed, draftOf, encode, isUnchanged, put } from './write.ts';

/** How many objects of a collection are deleted at the same time. */
const collectionWorkers = 64;

/** Whether a deleted object must stay until somebody lets it go. */
export function isHeld({ strategy }: ServedVersion, object: Readonly<KubeObject>): boolean {
  return (object.metadata.finalizers?.length ?? 0) > 0 || (strategy.isHeld?.(object) ?? false);
}

export async function deleteOne(core: Core, operation: Operation): Promise<Answer> {
  const options = askedOptions(operation);
  return deleteObject(core, operation, options);
}

function askedOptions(operation: Operation): DeletionOptions {
  const options = deletionOptions(operation, decodeDeleteOptions(operation));
  const { deletionWarning } = operation.served.strategy;
  if (deletionWarning !== undefined && options.propagation === undefined) operation.warn(deletionWarning);
  return options;
}

/** Deletes the object that the request names, at once or after its grace and finalizers. */
export async function deleteObject(core: Core, operation: Operation, options: DeletionOptions): Promise<Answer> {
  const { name } = keyOfOperation(operation);
  return guaranteedUpdate(core, operation, async ({ key, entry }) => {
    if (entry === undefined) throw refused.notFound(operation.served.type, name);
    return tryDelete(core, operation, key, entry, options);
  });
}

async function tryDelete(
  core: Core,
  operation: Operation,
  key: string,
  entry: CachedObject,
  options: DeletionOptions,
): Promise<Outcome> {
  const { served } = operation;
  const { strategy } = served;
  const old = entry.object(served.form);
  const name = old.metadata.name;
  checkPreconditions(served, old, options);
  strategy.beforeDelete?.(old, core.context);
  const plugins = admission(core, operation, { operation: 'DELETE', old, options, name, dryRun: options.dryRun });
  await plugins.mutate();
  await plugins.guard();
  await plugins.validate();

  const draft = draftOf(old);
  beginDeletion(core, served, draft, old, options);
  const grace = draft.metadata.deletionGracePeriodSeconds ?? 0;
  if (grace > 0 || isHeld(served, draft)) {
    const code = options.tellsWaiting ? 202 : 200;
    if (options.dryRun || isUnchanged(draft, old))
      return { answer: { kind: 'object', code, served, object: options.dryRun ? draft : entry } };
    const encoding = encode(served, draft);
    const bytes = encoding instanceof Promise ? await encoding : encoding;
    const result = await put(core, operation, key, entry.revision, bytes);
    if (!result.committed) return { current: result.current };
    const at = { revision: result.revision, created: entry.created };
    return { answer: await committed(core, operation, bytes, at, old.metadata.namespace, name, code) };
  }
  if (!options.dryRun) {
    const removed = await remove(core, operation, key, entry, draft);
    if ('current' in removed) return removed;
  }
  // Only kinds with a grace show that they were dying; others just go.
  if (strategy.returnDeletedObject === true)
    return {
      answer: { kind: 'object', code: 200, served, object: strategy.gracePeriod === undefined ? old : draft },
    };
  return { answer: { kind: 'value', code: 200, value: deletedStatus(served, old) } };
}

/** Takes the object out of the store; `last` is the state that it ends in and that watchers see. */
export async function remove(
  core: Core,
  operation: Operation,
  key: string,
  entry: CachedObject,
  last: Readonly<KubeObject>,
): Promise<{ readonly removed: true } | { readonly current: Entry | undefined }> {
  const result = await core.store.txn(key, entry.revision, { delete: true });
  if (!result.committed) return { current: result.current };
  await core.cache.reached(result.revision);
  await operation.served.allocator?.release(core, last);
  return { removed: true };
}

/** Sets when the object is to be gone, and what must happen to its dependents first. */
function beginDeletion(
  { context }: Core,
  { strategy }: ServedVersion,
  draft: KubeObject,
  old: Readonly<KubeObject>,
  options: DeletionOptions,
): void {
  const { metadata } = draft;
  const requested =
    options.gracePeriodSeconds === undefined
      ? undefined
      : Math.max(options.gracePeriodSeconds, options.gracePeriodSeconds < 0 ? 1 : 0);
  const running = metadata.deletionGracePeriodSeconds ?? 0;
  if (metadata.deletionTimestamp === undefined) {
    const grace = strategy.gracePeriod?.(old, requested) ?? 0;
    metadata.deletionTimestamp = rfc3339(context.clock.now() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined) metadata.generation++;
    strategy.beginDeletion?.(draft);
  } else if (running > 0) {
    // Its end is under way: another delete can bring it nearer, and nothing else.
    if (requested === undefined || requested >= running) return;
    shortenGrace(metadata, requested, context.clock.now());
  }
  setDependentFinalizer(draft, strategy, options.propagation);
}

/** A grace that has passed already is a second, in which whoever ends the object hears of it; none is none. */
function shortenGrace(metadata: KubeObject['metadata'], seconds: number, now: number): void {
  const begun = Date.parse(metadata.deletionTimestamp!) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const end = begun + seconds * 1000;
  metadata.deletionTimestamp = rfc3339(Math.max(end, now));
  metadata.deletionGracePeriodSeconds = end < now ? Math.min(seconds, 1) : seconds;
}

/** The garbage collector reads the propagation policy from these finalizers. */
function setDependentFinalizer(
  { metadata }: KubeObject,
  { garbageCollection }: Strategy,
  propagation: DeletionOptions['propagation'],
): void {
  if (garbageCollection === 'unsupported') return;
  const isSaid = metadata.finalizers?.some((one) => one === 'orphan' || one === 'foregroundDeletion') ?? false;
  const policy = propagation ?? (garbageCollection === 'orphan' && !isSaid ? 'Orphan' : undefined);
  if (policy === undefined) return;
  const wanted = policy === 'Orphan' ? 'orphan' : policy === 'Foreground' ? 'foregroundDeletion' : undefined;
  const others = (metadata.finalizers ?? []).filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  const finalizers = wanted === undefined ? others : [...others, wanted];
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

/** In upstream's words: which name the kind where all other conflicts name the resource, but for namespaces. */
export function checkPreconditions(
  { type }: ServedVersion,
  old: Readonly<KubeObject>,
  { uid, resourceVersion }: Pick<DeletionOptions, 'uid' | 'resourceVersion'>,
): void {
  const { name, uid: is, resourceVersion: at } = old.metadata;
  const isNamespace =
    (type.group === '' && type.resource === 'namespaces') || type.resource === 'customresourcedefinitions';
  const what = isNamespace ? type : { group: type.group, resource: type.kind };
  const conflict = (field: string, wanted: string, found: string | undefined, hint: string) =>
    refused.conflict(
      what,
      name,
      isNamespace
        ? `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`
        : `the ${field} in the precondition (${wanted}) does not match the ${field} in record (${found}). The object might have been ${hint}`,
    );
  if (uid !== undefined && uid !== is) throw conflict('UID', uid, is, 'deleted and then recreated');
  if (resourceVersion !== undefined && resourceVersion !== at)
    throw conflict('ResourceVersion', resourceVersion, at, 'modified');
}

function deletedStatus({ type }: ServedVersion, { metadata }: Readonly<KubeObject>) {
  const group = type.group === '' ? {} : { group: type.group };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...group, kind: type.resource, uid: metadata.uid },
  };
}

/** Deletes what the selectors choose and answers the list as it was. */
export async function deleteCollection(core: Core, operation: Operation): Promise<Answer> {
  const { served } = operation;
  const options = askedOptions(operation);
  checkListOptions(operation);
  const selecting = selectionInTurn(operation, core.context.clock);
  const selection = selecting instanceof Promise ? await selecting : selecting;
  const limit = numberOption(operation, 'limit') ?? 0;
  const kind = core.cache.kind(served.prefix);
  const { unreadable } = kind;
  if (unreadable !== undefined)
    throw refused.internal(`unable to transform key ${JSON.stringify(unreadable.key)}: ${unreadable.reason}`);
  const all = kind.range(selection.prefix);
  const chosen = await selected(all, selection, core.context.clock);
  const entries = limit > 0 ? chosen.slice(0, limit) : chosen;
  const revision = core.cache.revision;
  await forEachOf(entries, collectionWorkers, (entry) => deleteChosen(core, operation, entry, options));
  return { kind: 'list', served, entries, revision };
}

/**
 * Calls `work` for all items in their order, so many at a time. After a failure no further one begins; when those that
 * run have ended, the first failure is thrown.
 */
async function forEachOf<T>(items: readonly T[], workers: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  async function worker(): Promise<void> {
    while (failures.length === 0 && next < items.length) {
      try {
        await work(items[next++]!);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, worker));
  if (failures.length > 0) throw failures[0];
}

async function deleteChosen(
  core: Core,
  operation: Operation,
  entry: CachedObject,
  options: DeletionOptions,
): Promise<void> {
  const { name, namespace } = entry;
  const one: Operation = {
    ...operation,
    request: { ...operation.request, name, ...(namespace === undefined ? {} : { namespace }) },
  };
  try {
    await deleteObject(core, one, options);
  } catch (error) {
    // Somebody else was quicker.
    if (!isStatus(error, 'NotFound')) throw error;
  }
}
