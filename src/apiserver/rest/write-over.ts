import { immediately } from '../auth/immediately.ts';
import { subdomainNames } from '../../apimachinery/names.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../../apimachinery/object-meta.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { invalid } from '../../apimachinery/validation.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { keepOtherEndpointsFields, keepServerFields, raiseGeneration } from './endpoint-fields.ts';
import { ownFields } from './field-managers.ts';
import { guaranteedUpdate, type Outcome } from './guaranteed-update.ts';
import { withTurns } from './with-turns.ts';
import { isDryRun, keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { dropRepeatedOwners } from './owner-references.ts';
import { isHeld, remove } from './remove.ts';
import { reshaped } from './reshape.ts';
import { admission, committed, encode, isUnchanged, put, refuseInvalid, ruleErrors, warnAbout } from './write.ts';

export interface Overwrite {
  /**
   * The new object out of the old one, as a private copy; runs again after a lost race. `nextTurn` as in
   * {@link Operation}.
   */
  readonly transform: (old: Readonly<KubeObject>, nextTurn: Operation['nextTurn']) => KubeObject | Promise<KubeObject>;
  /** Managed fields were set by `transform` (apply), or stay as they are. */
  readonly owned?: boolean;
  /** Makes the object where there is none; without it that is NotFound. */
  readonly createMissing?: () => Promise<Outcome>;
}

/**
 * Replaces the object that the request names by what `transform` makes of it, through the whole chain of a write. A
 * version that the new object carries must be that of the old one.
 */
export async function writeOver(
  core: Core,
  given: Operation,
  { transform, owned = false, createMissing }: Overwrite,
): Promise<Answer> {
  const { served } = given;
  const { name } = keyOfOperation(given);
  return guaranteedUpdate(core, given, async ({ key, entry }) => {
    if (entry === undefined) {
      if (createMissing === undefined) throw refused.notFound(served.type, name);
      return createMissing();
    }
    const operation = withTurns(core, given, entry.stored.length);
    const { nextTurn } = operation;
    if (nextTurn !== undefined) await nextTurn();
    const old = entry.object(served.form);
    if (nextTurn !== undefined) await nextTurn();
    const made = transform(old, nextTurn);
    const draft = made instanceof Promise ? await made : made;
    checkVersion(operation, draft, old);
    return tryWrite(core, operation, key, entry, old, draft, owned);
  });
}

function checkVersion(
  { served: { type, strategy } }: Operation,
  { metadata }: KubeObject,
  old: Readonly<KubeObject>,
): void {
  const { resourceVersion = '' } = metadata;
  const { name } = old.metadata;
  if (resourceVersion !== '' && resourceVersion !== '0') {
    if (resourceVersion !== old.metadata.resourceVersion) throw refused.stale(type, name);
    return;
  }
  if (strategy.allowUnconditionalUpdate !== false) return;
  // As upstream, which has the resource here where all other refusals have the kind.
  throw refused.invalid({ group: type.group, kind: type.resource }, name, [
    invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
  ]);
}

async function tryWrite(
  core: Core,
  operation: Operation,
  key: string,
  entry: CachedObject,
  old: Readonly<KubeObject>,
  wanted: KubeObject,
  owned: boolean,
): Promise<Outcome> {
  const { served, nextTurn } = operation;
  const { allocator } = served;
  const { namespace, name } = keyOfOperation(operation);

  const draft = await admitted(core, operation, old, wanted, owned);
  const dryRun = isDryRun(operation);
  if (nextTurn !== undefined) await nextTurn();
  // What is stored with an older key is written all the same.
  if (isUnchanged(draft, old) && (dryRun || core.isStale === undefined || !(await core.isStale(key))))
    return { answer: { kind: 'object', code: 200, served, object: entry } };
  const allocation = allocator && (await allocator.claim(core, draft, old, dryRun));
  let done = false;
  try {
    if (nextTurn !== undefined) await nextTurn();
    if (dryRun)
      return { answer: { kind: 'object', code: 200, served, object: draft, isLarge: nextTurn !== undefined } };
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
    const encoding = encode(served, draft, { object: old, bytes: entry.stored });
    const bytes = encoding instanceof Promise ? await encoding : encoding;
    const result = await put(core, operation, key, entry.revision, bytes);
    if (!result.committed) return { current: result.current };
    done = true;
    const at = { revision: result.revision, created: entry.created };
    return { answer: await committed(core, operation, bytes, at, namespace, name, 200) };
  } finally {
    if (allocation !== undefined) await (done ? allocation.commit() : allocation.revert());
  }
}

/** The object as it is to be stored: shaped, admitted, prepared and valid. */
async function admitted(
  core: Core,
  operation: Operation,
  old: Readonly<KubeObject>,
  wanted: KubeObject,
  owned: boolean,
): Promise<KubeObject> {
  const { served, request, nextTurn } = operation;
  const { context } = core;
  const { strategy, subresources } = served;
  const { name } = old.metadata;
  const { subresource } = request;
  if (nextTurn !== undefined) await nextTurn();

  // Defaults for what the endpoint does not write are for nothing, where they can do with the stored object's instead.
  const keepsFirst = strategy.takesFrozen === true && (subresource === undefined || subresource === 'status');
  if (keepsFirst) keepOtherEndpointsFields(operation, core, wanted, old);
  strategy.defaults?.(wanted);
  keepServerFields(wanted, old);
  if (!keepsFirst) keepOtherEndpointsFields(operation, core, wanted, old);
  dropRepeatedOwners(operation, wanted, 'sent');
  if (!owned) {
    if (nextTurn !== undefined) await nextTurn();
    const owning = ownFields(core, operation, wanted, old);
    if (owning !== undefined) await owning;
  }

  const phases = admission(core, operation, { operation: 'UPDATE', object: wanted, old, name }, (patched, before) => {
    const object = reshaped(served, patched, before);
    keepOtherEndpointsFields(operation, core, object, old);
    return object;
  });
  if (nextTurn !== undefined) await nextTurn();
  const mutating = phases.mutate();
  const draft = (mutating instanceof Promise ? await mutating : mutating)!;
  dropRepeatedOwners(operation, draft, 'admitted');
  if (subresource === undefined) {
    strategy.prepareForUpdate?.(draft, old, context);
    raiseGeneration(operation, draft, old);
  } else if (subresource === 'status') strategy.status?.prepareForUpdate?.(draft, old, context);
  else if (subresources?.updates?.[subresource] !== undefined) raiseGeneration(operation, draft, old);
  const guarding = phases.guard(draft);
  if (guarding !== undefined) await guarding;
  if (nextTurn !== undefined) await nextTurn();
  if (nextTurn !== undefined && subresource === undefined) await strategy.examine?.(draft, nextTurn);
  const anyFinalizer = strategy.anyFinalizer === true;
  const metadataErrors = validateObjectMetaUpdate(draft.metadata, old.metadata, { anyFinalizer });
  const found = errorsOf(core, operation, draft, old);
  const errors = found instanceof Promise ? await found : found;
  const ruled =
    subresource === undefined || subresource === 'status'
      ? ruleErrors(core, subresource === undefined ? strategy : strategy.status, draft, old, errors)
      : [];
  refuseInvalid(served, name, [
    ...metadataErrors,
    // Kubernetes checks metadata in the generic code and again in each kind, and tells what is wrong twice.
    ...(strategy.checksMetadataOnce === true
      ? []
      : [
          ...metadataErrors,
          ...validateObjectMeta(draft.metadata, {
            namespaced: served.type.namespaced,
            nameRule: strategy.nameRule ?? subdomainNames,
            anyFinalizer,
          }),
        ]),
    ...errors,
    ...(ruled instanceof Promise ? await ruled : ruled),
  ]);
  if (nextTurn !== undefined) await nextTurn();
  if (subresource === undefined) warnAbout(operation, draft, old);
  const validating = phases.validate();
  if (validating !== undefined) await validating;
  return draft;
}

function errorsOf(core: Core, { served, request, user }: Operation, draft: KubeObject, old: Readonly<KubeObject>) {
  const { strategy, subresources } = served;
  const { context, authorizer } = core;
  if (request.subresource === undefined) return strategy.validate?.(draft, old, context) ?? [];
  if (request.subresource === 'status')
    return immediately(
      authorizer,
      (now) => strategy.status?.validate?.(draft, old, { context, user, authorizer: now, verb: request.verb }) ?? [],
    );
  return subresources?.updates?.[request.subresource]?.validate?.(draft, old) ?? [];
}
