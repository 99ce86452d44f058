import type { KubeObject, ObjectMeta } from '../../apimachinery/object.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { subdomainNames } from '../../apimachinery/names.ts';
import { validateObjectMeta } from '../../apimachinery/object-meta.ts';
import { isStatus, refused } from '../../apimachinery/status.ts';
import { randomName } from '../../base/random.ts';
import type { Attributes } from '../auth/auth.ts';
import { demand } from '../auth/authorizer.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { decodeBody } from './body.ts';
import { ownFields } from './field-managers.ts';
import type { Outcome } from './guaranteed-update.ts';
import { isDryRun, type Answer, type Core, type Operation } from './operation.ts';
import { dropRepeatedOwners } from './owner-references.ts';
import { hasStatus, storageKey } from '../catalog/served-version.ts';
import { reshaped } from './reshape.ts';
import { admission, committed, encode, put, refuseInvalid, ruleErrors, warnAbout } from './write.ts';

/** Letters that `generateName` may have before its random part. */
const longestPrefix = 58;
const generatedLetters = 5;
/** How often a generated name is drawn again when it is taken. */
const nameTries = 8;

export function create(core: Core, operation: Operation): Promise<Answer> {
  const draft = decodeBody(operation);
  const { metadata } = draft;
  if (metadata.generateName && !metadata.name) return createGenerated(core, operation, draft);
  return createNamed(core, operation, draft);
}

/** `first` is the body; another try decodes it again. */
async function createGenerated(core: Core, operation: Operation, first: KubeObject): Promise<Answer> {
  const { served } = operation;
  const base = first.metadata.generateName!;
  let draft: KubeObject | undefined = first;
  for (let tries = 1; ; tries++) {
    const ending = randomName(core.context.random, generatedLetters);
    const key = storageKey(served, operation.request.namespace, generatedName(base, ending));
    const taken = core.cache.kind(served.prefix).get(key);
    if (taken !== undefined && tries < nameTries) continue;
    const attempt = draft ?? decodeBody(operation);
    draft = undefined;
    try {
      return await createNamed(core, operation, attempt, ending);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists') || tries === nameTries) throw error;
    }
  }
}

function generatedName(base: string, ending: string): string {
  return base.slice(0, longestPrefix) + ending;
}

function giveName(metadata: ObjectMeta, ending: string): void {
  metadata.name ||= generatedName(metadata.generateName ?? '', ending);
}

/** Creates `draft`, a private copy that has a name, or will have one of this random ending. */
export async function createNamed(
  core: Core,
  operation: Operation,
  draft: KubeObject,
  ending?: string,
): Promise<Answer> {
  const outcome = await tryCreate(core, operation, draft, { owned: false, refusesVersion: true, ending });
  if ('answer' in outcome) return outcome.answer;
  const { served, request } = operation;
  if (ending !== undefined) giveName(draft.metadata, ending);
  const key = storageKey(served, request.namespace, draft.metadata.name);
  throw alreadyThere(operation, draft, core.cache.kind(served.prefix).readable(key));
}

/**
 * For a PUT or an apply of what is not there: creates `draft`, a private copy with a name, if its sender may create.
 * `owned`: its managed fields are set.
 */
export async function createMissing(
  core: Core,
  operation: Operation,
  draft: KubeObject,
  owned: boolean,
): Promise<Outcome> {
  await demand(core.authorizer, createAttributes(operation));
  return tryCreate(core, operation, draft, { owned, refusesVersion: false });
}

/** What is asked of the authorizer: the request's own target, with another verb. */
function createAttributes({ request, user }: Operation): Attributes {
  const { group, version, resource } = request.type;
  const { namespace, name } = request;
  return {
    user,
    verb: 'create',
    group,
    version,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

interface Creation {
  /** Managed fields are set. */
  readonly owned: boolean;
  /** Whether an object that says its version must be one that was there before. */
  readonly refusesVersion: boolean;
  /** The random end of a name that is generated. */
  readonly ending?: string | undefined;
}

async function tryCreate(
  core: Core,
  operation: Operation,
  wanted: KubeObject,
  { owned, refusesVersion, ending }: Creation,
): Promise<Outcome> {
  const { served } = operation;
  const { namespace } = operation.request;
  const { resourceVersion = '' } = wanted.metadata;
  const draft = await admitted(core, operation, wanted, { owned, ending });
  const { name } = draft.metadata;
  const dryRun = isDryRun(operation);
  // Upstream's store says so, thus after all checks and never in a dry run; a text that is no version it does not see.
  if (refusesVersion && !dryRun && /^0*[1-9]\d*$/.test(resourceVersion))
    throw refused.other(500, undefined, 'resourceVersion should not be set on objects to be created');
  const { allocator } = served;
  const allocation = allocator && (await allocator.claim(core, draft, undefined, dryRun));
  let isKept = false;
  try {
    const key = storageKey(served, namespace, name);
    if (operation.nextTurn !== undefined) await operation.nextTurn();
    if (dryRun) {
      const there = core.cache.kind(served.prefix).readable(key);
      if (there !== undefined) throw alreadyThere(operation, draft, there);
      return {
        answer: { kind: 'object', code: 201, served, object: draft, isLarge: operation.nextTurn !== undefined },
      };
    }
    const encoding = encode(served, draft);
    const bytes = encoding instanceof Promise ? await encoding : encoding;
    const result = await put(core, operation, key, 'absent', bytes);
    if (!result.committed) return { current: result.current };
    isKept = true;
    const { revision } = result;
    return { answer: await committed(core, operation, bytes, { revision, created: revision }, namespace, name, 201) };
  } finally {
    if (allocation !== undefined) await (isKept ? allocation.commit() : allocation.revert());
  }
}

/**
 * The object as it is to be stored: shaped, admitted, prepared and valid. Its uid, its time and a name that is generated it
 * gets behind those who may change it: they may change what the name begins with, and see that it has none.
 */
export async function admitted(
  core: Core,
  operation: Operation,
  wanted: KubeObject,
  { owned, ending }: Pick<Creation, 'owned' | 'ending'>,
): Promise<KubeObject> {
  const { served, nextTurn } = operation;
  const { context } = core;
  const { strategy } = served;
  if (nextTurn !== undefined) await nextTurn();
  wipeSystemFields(operation, wanted.metadata);
  strategy.defaults?.(wanted);
  dropRepeatedOwners(operation, wanted, 'sent');
  if (!owned) {
    if (nextTurn !== undefined) await nextTurn();
    const owning = ownFields(core, operation, wanted, undefined);
    if (owning !== undefined) await owning;
  }

  const asked = { operation: 'CREATE', object: wanted, name: wanted.metadata.name ?? '' } as const;
  if (ending !== undefined && !asked.name) delete (wanted.metadata as { name?: string }).name;
  const phases = admission(core, operation, asked, (patched, before) => reshaped(served, patched, before));
  if (nextTurn !== undefined) await nextTurn();
  const mutating = phases.mutate();
  const draft = (mutating instanceof Promise ? await mutating : mutating)!;
  const { metadata } = draft;
  fillSystemFields(core, metadata);
  if (ending !== undefined) giveName(metadata, ending);
  dropRepeatedOwners(operation, draft, 'admitted');
  if (hasStatus(served) && strategy.keepsStatusOnCreate !== true) delete (draft as { status?: unknown }).status;
  if (strategy.hasGeneration ?? (hasStatus(served) && 'spec' in draft)) metadata.generation = 1;
  strategy.prepareForCreate?.(draft, context, operation.user);
  const guarding = phases.guard(draft);
  if (guarding !== undefined) await guarding;
  if (nextTurn !== undefined) await nextTurn();
  if (nextTurn !== undefined) await strategy.examine?.(draft, nextTurn);
  const errors = strategy.validate?.(draft, undefined, context) ?? [];
  const ruled = ruleErrors(core, strategy, draft, undefined, errors);
  refuseInvalid(served, metadata.name, [
    ...validateObjectMeta(metadata, {
      namespaced: served.type.namespaced,
      nameRule: strategy.nameRule ?? subdomainNames,
      anyFinalizer: strategy.anyFinalizer === true,
    }),
    ...errors,
    ...(ruled instanceof Promise ? await ruled : ruled),
  ]);
  if (nextTurn !== undefined) await nextTurn();
  warnAbout(operation, draft, undefined);
  strategy.canonicalize?.(draft);
  const validating = phases.validate();
  if (validating !== undefined) await validating;
  return draft;
}

/** What only the server says of a new object, whatever its sender says. */
function wipeSystemFields({ served, request }: Operation, metadata: ObjectMeta): void {
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.resourceVersion;
  delete metadata.creationTimestamp;
  delete metadata.uid;
  if (request.namespace !== undefined && served.type.namespaced) metadata.namespace = request.namespace;
  else delete metadata.namespace;
}

/** Whatever those say who may change it: only those who judge it see who it is. */
function fillSystemFields({ context }: Core, metadata: ObjectMeta): void {
  metadata.creationTimestamp = rfc3339(context.clock.now());
  metadata.uid = context.random.uuid();
}

export function alreadyThere(
  { served }: Operation,
  { metadata: { name, generateName } }: KubeObject,
  there: CachedObject | undefined,
): Error {
  const error = refused.alreadyExists(served.type, name);
  if (generateName) {
    error.status.message += ', the server was not able to generate a unique name for the object';
    error.status.details!.retryAfterSeconds = 1;
  }
  if (there?.storedObject().metadata.deletionTimestamp !== undefined)
    error.status.message = `object is being deleted: ${error.status.message}`;
  return error;
}
