import { cloneJson } from '../../apimachinery/clone.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { subdomainNames } from '../../apimachinery/names.ts';
import { validateObjectMeta } from '../../apimachinery/object-meta.ts';
import { isStatus, refused } from '../../apimachinery/status.ts';
import { randomName } from '../../base/random.ts';
import { decodeBody } from './body.ts';
import { ownFields } from './field-managers.ts';
import { dropRepeatedOwners } from './owner-references.ts';
import { isDryRun, type Answer, type Core, type Operation } from './operation.ts';
import { checkWriteOptions } from './options.ts';
import { hasStatus, storageKey } from '../catalog/served-version.ts';
import { admission, committed, encode, put, refuseInvalid, warnAbout } from './write.ts';

/** Letters that `generateName` may have before its random part. */
const longestPrefix = 58;
const generatedLetters = 5;
/** How often a generated name is drawn again when it is taken. */
const nameTries = 8;

export async function create(core: Core, operation: Operation): Promise<Answer> {
  checkWriteOptions(operation, 'CreateOptions');
  const draft = decodeBody(core, operation);
  return createObject(core, operation, draft);
}

/** Creates `draft`, a private copy; for handlers that make the object themselves (apply). */
export async function createObject(
  core: Core,
  operation: Operation,
  draft: KubeObject,
  owned = false,
): Promise<Answer> {
  const { metadata } = draft;
  if (metadata.generateName && !metadata.name) return createGenerated(core, operation, draft);
  return createNamed(core, operation, draft, owned);
}

async function createGenerated(core: Core, operation: Operation, draft: KubeObject): Promise<Answer> {
  const { served } = operation;
  const base = draft.metadata.generateName!.slice(0, longestPrefix);
  for (let tries = 1; ; tries++) {
    const attempt = cloneJson(draft);
    attempt.metadata.name = base + randomName(core.context.random, generatedLetters);
    const taken = core.cache
      .kind(served.prefix)
      .get(storageKey(served, operation.request.namespace, attempt.metadata.name));
    if (taken !== undefined && tries < nameTries) continue;
    try {
      return await createNamed(core, operation, attempt, false);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists') || tries === nameTries) throw error;
    }
  }
}

async function createNamed(core: Core, operation: Operation, draft: KubeObject, owned: boolean): Promise<Answer> {
  const { served } = operation;
  const { context } = core;
  const { strategy, allocator } = served;
  const now = rfc3339(context.clock.now());
  const { metadata } = draft;
  const { namespace } = operation.request;
  if (metadata.resourceVersion)
    throw refused.other(500, undefined, 'resourceVersion should not be set on objects to be created');

  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.resourceVersion;
  metadata.creationTimestamp = now;
  metadata.uid = context.random.uuid();
  if (namespace !== undefined) metadata.namespace = namespace;
  else if (!served.type.namespaced) delete metadata.namespace;
  else delete metadata.namespace;
  dropRepeatedOwners(operation, draft, 'sent');
  strategy.defaults?.(draft);
  if (!owned) ownFields(core, operation, draft, undefined);

  const plugins = admission(core, operation, { operation: 'CREATE', object: draft, name: metadata.name });
  await plugins.mutate();
  dropRepeatedOwners(operation, draft, 'admitted');
  if (hasStatus(served) && strategy.keepsStatusOnCreate !== true) delete (draft as { status?: unknown }).status;
  if (strategy.hasGeneration ?? (hasStatus(served) && 'spec' in draft)) metadata.generation = 1;
  strategy.prepareForCreate?.(draft, context);
  refuseInvalid(served, metadata.name, [
    ...validateObjectMeta(metadata, {
      namespaced: served.type.namespaced,
      nameRule: strategy.nameRule ?? subdomainNames,
    }),
    ...(strategy.validate?.(draft, undefined, context) ?? []),
  ]);
  warnAbout(operation, draft, undefined);
  await plugins.validate();

  const dryRun = isDryRun(operation);
  const release = allocator?.claim(draft, undefined, context, dryRun);
  let isKept = false;
  try {
    const key = storageKey(served, namespace, metadata.name);
    if (dryRun) {
      const there = core.cache.kind(served.prefix).get(key);
      if (there !== undefined) throw alreadyThere(operation, metadata.name, there.object(served.form));
      return { kind: 'object', code: 201, served, object: draft };
    }
    const bytes = encode(served, draft);
    const result = await put(core, operation, key, 'absent', bytes);
    if (!result.committed)
      throw alreadyThere(operation, metadata.name, core.cache.kind(served.prefix).get(key)?.object(served.form));
    isKept = true;
    const { revision } = result;
    return await committed(core, operation, bytes, { revision, created: revision }, namespace, metadata.name, 201);
  } finally {
    if (!isKept) release?.();
  }
}

function alreadyThere({ served }: Operation, name: string, there: Readonly<KubeObject> | undefined): Error {
  const error = refused.alreadyExists(served.type, name);
  if (there?.metadata.deletionTimestamp !== undefined)
    error.status.message = `object is being deleted: ${error.status.message}`;
  return error;
}
