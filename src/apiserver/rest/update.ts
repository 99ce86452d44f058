import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { subdomainNames } from '../../apimachinery/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../apimachinery/object-meta.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Entry } from '../../store/store.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { decodeBody } from './body.ts';
import { remove, isHeld } from './remove.ts';
import { ownFields } from './field-managers.ts';
import { dropRepeatedOwners } from './owner-references.ts';
import { isDryRun, keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { checkWriteOptions } from './options.ts';
import { hasStatus, storageKey } from '../catalog/served-version.ts';
import { admission, committed, draftOf, encode, isUnchanged, put, refuseInvalid, warnAbout } from './write.ts';

/** How often a write that lost a race is computed anew. */
const raceTries = 64;

export async function update(core: Core, operation: Operation): Promise<Answer> {
  checkWriteOptions(operation, 'UpdateOptions');
  const wanted = decodeBody(core, operation);
  const { resourceVersion = '', uid } = wanted.metadata;
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion)) {
    throw refused.other(
      500,
      undefined,
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    );
  }
  return writeOver(core, operation, {
    transform: (old) => {
      if (uid && uid !== old.metadata.uid) {
        const { namespace, name } = keyOfOperation(operation);
        const where = storageKey(operation.served, namespace, name);
        throw refused.conflict(
          operation.served.type,
          name,
          `StorageError: invalid object, Code: 4, Key: ${where}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
        );
      }
      return draftOf(wanted);
    },
    ...(Number(resourceVersion) > 0 ? { expected: resourceVersion } : {}),
  });
}

export interface Overwrite {
  /** The new object out of the old one; runs again after a lost race. A private copy is answered. `undefined`: nothing to do. */
  readonly transform: (old: Readonly<KubeObject>) => KubeObject | Promise<KubeObject>;
  /** The version that the client has read; any other is a conflict. */
  readonly expected?: string;
  /** Managed fields were set by `transform` (apply), or stay as they are. */
  readonly owned?: boolean;
}

/** Replaces the object that the request names by what `transform` makes of it, through the whole chain of a write. */
export async function writeOver(
  core: Core,
  operation: Operation,
  { transform, expected, owned = false }: Overwrite,
): Promise<Answer> {
  const { served } = operation;
  const { namespace, name } = keyOfOperation(operation);
  const key = storageKey(served, namespace, name);
  let entry = core.cache.kind(served.prefix).get(key);
  for (let tries = 1; ; tries++) {
    if (entry === undefined) throw refused.notFound(served.type, name);
    const old = entry.object(served.form);
    if (expected !== undefined && expected !== old.metadata.resourceVersion) throw refused.stale(served.type, name);
    const draft = await transform(old);
    // A patch may carry the version that its author has read.
    const given = draft.metadata.resourceVersion;
    if (given && given !== '0' && given !== old.metadata.resourceVersion) throw refused.stale(served.type, name);
    const outcome = await tryWrite(core, operation, key, entry, old, draft, owned);
    if ('answer' in outcome) return outcome.answer;
    if (tries === raceTries) throw refused.stale(served.type, name);
    entry = outcome.current && cached(outcome.current, served.prefix.length);
  }
}

function cached({ key, value, created, modified }: Entry, prefixLength: number): CachedObject {
  return new CachedObject(key, prefixLength, value, created, modified);
}

type Outcome = { readonly answer: Answer } | { readonly current: Entry | undefined };

async function tryWrite(
  core: Core,
  operation: Operation,
  key: string,
  entry: CachedObject,
  old: Readonly<KubeObject>,
  draft: KubeObject,
  owned: boolean,
): Promise<Outcome> {
  const { served, request } = operation;
  const { context } = core;
  const { strategy, subresources, allocator } = served;
  const { namespace, name } = keyOfOperation(operation);

  dropRepeatedOwners(operation, draft, 'sent');
  strategy.defaults?.(draft);
  keepServerFields(draft, old);
  keepOtherEndpointsFields(operation, core, draft, old);
  if (!owned) ownFields(core, operation, draft, old);
  const plugins = admission(core, operation, { operation: 'UPDATE', object: draft, old, name });
  await plugins.mutate();
  dropRepeatedOwners(operation, draft, 'admitted');
  const isMain = request.subresource === undefined;
  if (isMain) {
    strategy.prepareForUpdate?.(draft, old, context);
    raiseGeneration(operation, draft, old);
  } else if (request.subresource === 'status') strategy.status?.prepareForUpdate?.(draft, old);
  else if (subresources?.updates?.[request.subresource!] !== undefined) raiseGeneration(operation, draft, old);
  // Kubernetes checks metadata in the generic code and again in each kind, and tells what is wrong twice.
  const metadataErrors = validateObjectMetaUpdate(draft.metadata, old.metadata);
  refuseInvalid(served, name, [
    ...metadataErrors,
    ...metadataErrors,
    ...validateObjectMeta(draft.metadata, {
      namespaced: served.type.namespaced,
      nameRule: strategy.nameRule ?? subdomainNames,
    }),
    ...errorsOf(core, operation, draft, old),
  ]);
  if (isMain) warnAbout(operation, draft, old);
  await plugins.validate();

  const dryRun = isDryRun(operation);
  if (isUnchanged(draft, old)) return { answer: { kind: 'object', code: 200, served, object: entry } };
  const release = allocator?.claim(draft, old, context, dryRun);
  let done = false;
  try {
    if (dryRun) return { answer: { kind: 'object', code: 200, served, object: draft } };
    if (
      draft.metadata.deletionTimestamp !== undefined &&
      !(draft.metadata.deletionGracePeriodSeconds ?? 0) &&
      !isHeld(served, draft)
    ) {
      const removed = await remove(core, operation, key, entry, draft);
      if ('current' in removed) return removed;
      done = true;
      return { answer: { kind: 'object', code: 200, served, object: draft } };
    }
    const bytes = encode(served, draft);
    const result = await put(core, operation, key, entry.revision, bytes);
    if (!result.committed) return { current: result.current };
    done = true;
    const at = { revision: result.revision, created: entry.created };
    return { answer: await committed(core, operation, bytes, at, namespace, name, 200) };
  } finally {
    if (!done) release?.();
  }
}

/** What only the server sets is put back, whatever the client sent. */
function keepServerFields(draft: KubeObject, old: Readonly<KubeObject>): void {
  const { metadata } = draft;
  const was = old.metadata;
  // A client that says another one hears of it.
  metadata.uid ||= was.uid!;
  metadata.creationTimestamp = was.creationTimestamp!;
  metadata.resourceVersion = was.resourceVersion!;
  if (was.namespace !== undefined) metadata.namespace = was.namespace;
  delete metadata.selfLink;
  if (was.generation === undefined) delete metadata.generation;
  else metadata.generation = was.generation;
  if (was.deletionTimestamp !== undefined) metadata.deletionTimestamp ??= was.deletionTimestamp;
  if (was.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= was.deletionGracePeriodSeconds;
  if (!metadata.generateName && was.generateName !== undefined) metadata.generateName = was.generateName;
}

type Fields = Record<string, unknown>;

/** What a change of `generation` does not tell of. */
const unversioned: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion', 'status']);

/** The main endpoint cannot write status, and the status endpoint nothing else. */
function keepOtherEndpointsFields(
  { served, request }: Operation,
  core: Core,
  draft: KubeObject,
  old: Readonly<KubeObject>,
): void {
  const from = old as unknown as Fields;
  const to = draft as unknown as Fields;
  const keep = (field: string) => {
    if (from[field] === undefined) delete to[field];
    else to[field] = cloneJson(from[field]);
  };
  if (request.subresource === undefined) {
    if (hasStatus(served)) keep('status');
  } else if (request.subresource === 'status') {
    for (const field of new Set([...Object.keys(to), ...Object.keys(from)])) {
      if (!unversioned.has(field)) keep(field);
    }
    const { finalizers: _, ...kept } = cloneJson(old.metadata); // who may add one may also take it away
    draft.metadata = { ...kept, ...statusMetadata(draft) };
  } else {
    const subresource = served.subresources?.updates?.[request.subresource];
    if (subresource === undefined) return;
    const wanted = cloneJson(draft);
    for (const field of Object.keys(to)) if (!(field in from)) delete to[field];
    for (const field of Object.keys(from)) keep(field);
    draft.metadata.managedFields = wanted.metadata.managedFields!;
    subresource.apply(draft, wanted, core.context);
  }
}

/** What of the metadata a write through `/status` may change. */
function statusMetadata({ metadata }: KubeObject): Partial<KubeObject['metadata']> {
  const { labels, annotations, managedFields, finalizers, ownerReferences } = metadata;
  const kept: Partial<KubeObject['metadata']> = {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(managedFields && { managedFields }),
  };
  return { ...kept, ...(finalizers && { finalizers }), ...(ownerReferences && { ownerReferences }) };
}

function raiseGeneration({ served }: Operation, draft: KubeObject, old: Readonly<KubeObject>): void {
  const was = old.metadata.generation;
  if (was === undefined || served.strategy.hasGeneration === false) return;
  const from = old as unknown as Fields;
  const to = draft as unknown as Fields;
  const fields = new Set([...Object.keys(from), ...Object.keys(to)]);
  for (const field of fields) {
    if (unversioned.has(field) || jsonEqual(from[field], to[field])) continue;
    draft.metadata.generation = was + 1;
    return;
  }
}

function errorsOf(core: Core, { served, request }: Operation, draft: KubeObject, old: Readonly<KubeObject>) {
  const { strategy, subresources } = served;
  if (request.subresource === undefined) return strategy.validate?.(draft, old, core.context) ?? [];
  if (request.subresource === 'status') return strategy.status?.validate?.(draft, old) ?? [];
  return subresources?.updates?.[request.subresource]?.validate?.(draft, old) ?? [];
}
