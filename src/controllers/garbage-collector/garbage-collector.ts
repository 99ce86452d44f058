import type { ResourceFacts } from '../../api/resource-facts.ts';
import { keyOf, type KubeObject, type ObjectKey, type OwnerReference } from '../../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import {
  againAfter,
  settled,
  type Cluster,
  type ClusterReader,
  type Controller,
  type Outcome,
  type Watch,
} from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import type { ServedResources } from '../served-resources.ts';
import { AbsentOwners } from './absent-owners.ts';
import {
  blockers,
  foregroundFinalizer,
  isDeletingDependents,
  isOrphaning,
  judge,
  orphanFinalizer,
  withoutFinalizer,
  type Owner,
  type OwnerState,
} from './owners.ts';

/** How soon an owner is looked for again whose kind is not served: it may come yet. */
const unknownOwnerMs = 60_000;

/** Kinds that nobody owns and of which there are many. */
const ignored = new Set(['events', 'events.events.k8s.io']);

/**
 * Deletes what has lost all its owners, and finishes deletions that have to deal with dependents first. The graph of
 * owners is not kept apart: it is read from the caches of all kinds, through their index by owner. What the caches say
 * about an owner that is not there is asked of the server again before anything is deleted.
 */
export function garbageCollector(served: ServedResources): Controller {
  let kinds = new Kinds(served);
  /** Each kind that comes has all of them asked for. */
  const watches = new WeakMap<ResourceType, Watch>();
  const watchOf = (type: ResourceType): Watch => {
    let watch = watches.get(type);
    if (watch === undefined) {
      watch = { type, wakes: (changed, cluster, old) => wakes(kindsNow(), type, changed, cluster, old) };
      watches.set(type, watch);
    }
    return watch;
  };
  const kindsNow = (): Kinds => (kinds.areCurrent() ? kinds : (kinds = new Kinds(served)));
  return {
    name: 'garbage-collector-controller',
    identity: 'generic-garbage-collector',
    changingWatches: {
      current: () => kindsNow().all.map(watchOf),
      onChange: (listener) => served.onChange(listener),
    },
    concurrency: 20,

    async reconcile(key, cluster) {
      const kinds = kindsNow();
      const found = kinds.fromKey(key);
      const object = found && cluster.get(found.type, found.key);
      if (found === undefined || object === undefined) return settled;
      if (isOrphaning(object)) await orphanDependents(kinds, found.type, object, cluster);
      else if (isDeletingDependents(object)) await finishForeground(kinds, found.type, object, cluster);
      else if (object.metadata.deletionTimestamp === undefined) return collect(kinds, found.type, object, cluster);
      return settled;
    },
  };
}

const noReferences: readonly OwnerReference[] = [];

/** Which objects have to be looked at after a change: this one, its owners that wait for it, its dependents. */
function wakes(
  kinds: Kinds,
  type: ResourceType,
  changed: Readonly<KubeObject>,
  cluster: ClusterReader,
  old?: Readonly<KubeObject>,
): ObjectKey[] {
  const { metadata } = changed;
  const isGone = cluster.get(type, metadata)?.metadata.uid !== metadata.uid;
  const keys: ObjectKey[] = [];
  const own = metadata.ownerReferences ?? noReferences;
  const former = old?.metadata.ownerReferences ?? noReferences;
  // Most changes leave them alone, and then the cache has the same list for both.
  const references = former === own ? own : [...own, ...former];
  const owners = references.flatMap((reference) => kinds.ownerOf(reference, metadata.namespace, cluster));
  keys.push(
    ...owners
      .filter(({ object }) => isDeletingDependents(object))
      .map(({ type: of, object }) => kinds.toKey(of, object)),
  );
  if (isGone || isDeletingDependents(changed))
    keys.push(...kinds.dependentsOf(changed, cluster).map(({ type: of, object }) => kinds.toKey(of, object)));
  const isSuspect = owners.length < references.length || owners.some(({ object }) => isDeletingDependents(object));
  if (!isGone && (isSuspect || isDeletingDependents(changed) || isOrphaning(changed)))
    keys.push(kinds.toKey(type, changed));
  return keys;
}

/** Deletes the object, or takes references to lost owners out of it, if its owners say so. */
async function collect(
  kinds: Kinds,
  type: ResourceType,
  cached: Readonly<KubeObject>,
  cluster: Cluster,
): Promise<Outcome> {
  const references = cached.metadata.ownerReferences ?? [];
  const known = references.map((reference) => kinds.stateOf(reference, cached, cluster));
  if (known.every((state) => state === 'solid')) return settled;
  const object = await latest(type, cached, cluster);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return settled;
  const owners: Owner[] = [];
  for (const reference of object.metadata.ownerReferences ?? [])
    owners.push({ reference, state: await verify(kinds, reference, object, cluster) });
  const dependents = kinds.dependentsOf(object, cluster).map((one) => one.object);
  const verdict = judge(object, owners, dependents);
  if (verdict.kind === 'unlink')
    await patchMetadata(type, object, { ownerReferences: verdict.ownerReferences }, cluster);
  if (verdict.kind === 'unblock-and-delete') {
    const ownerReferences = owners.map(({ reference }) => ({ ...reference, blockOwnerDeletion: false }));
    await patchMetadata(type, object, { ownerReferences }, cluster);
    await cluster.delete(type, object, { propagationPolicy: 'Foreground' });
  }
  if (verdict.kind === 'delete') await deleteAsJudged(type, object, verdict.propagation, cluster);
  return owners.some(({ state }) => state === 'unknown') ? againAfter(unknownOwnerMs) : settled;
}

/** Deletes the object unless somebody has given it other owners since it was judged. */
async function deleteAsJudged(
  type: ResourceType,
  object: Readonly<KubeObject>,
  propagationPolicy: 'Orphan' | 'Foreground' | 'Background',
  cluster: Cluster,
): Promise<void> {
  const { resourceVersion, ownerReferences } = object.metadata;
  try {
    await cluster.delete(type, object, { propagationPolicy, preconditions: { resourceVersion: resourceVersion! } });
  } catch (error) {
    if (!isStatus(error, 'Conflict')) throw error;
    const now = await latest(type, object, cluster);
    if (now === undefined) return;
    if (!equalJson(now.metadata.ownerReferences, ownerReferences)) throw error;
    await cluster.delete(type, now, { propagationPolicy });
  }
}

/** Waits for the dependents that block, which are collected by themselves, and then lets the object go. */
async function finishForeground(
  kinds: Kinds,
  type: ResourceType,
  object: Readonly<KubeObject>,
  cluster: Cluster,
): Promise<void> {
  const dependents = kinds.dependentsOf(object, cluster).map((one) => one.object);
  if (blockers(object, dependents).length > 0) return;
  await patchMetadata(type, object, { finalizers: withoutFinalizer(object, foregroundFinalizer) }, cluster);
}

async function orphanDependents(
  kinds: Kinds,
  type: ResourceType,
  object: Readonly<KubeObject>,
  cluster: Cluster,
): Promise<void> {
  const { uid } = object.metadata;
  await Promise.all(
    kinds.dependentsOf(object, cluster).map(async (dependent) => {
      const ownerReferences = dependent.object.metadata.ownerReferences?.filter((reference) => reference.uid !== uid);
      await patchMetadata(dependent.type, dependent.object, { ownerReferences }, cluster);
    }),
  );
  await patchMetadata(type, object, { finalizers: withoutFinalizer(object, orphanFinalizer) }, cluster);
}

/** The version makes the server refuse a patch that was planned on an older state; the next attempt sees the newer one. */
async function patchMetadata(
  type: ResourceType,
  { metadata }: Readonly<KubeObject>,
  changes: Readonly<Record<string, unknown>>,
  cluster: Cluster,
): Promise<void> {
  const { uid, resourceVersion } = metadata;
  try {
    await cluster.patch(type, metadata, { type: 'merge', body: { metadata: { uid, resourceVersion, ...changes } } });
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
  }
}

/** The object as the server has it, if it is still the same one. */
async function latest<T extends KubeObject>(
  type: ResourceType<T>,
  object: Readonly<T>,
  { client }: Cluster,
): Promise<T | undefined> {
  try {
    const found = await client.get(type, keyOf(object));
    return found.metadata.uid === object.metadata.uid ? found : undefined;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** As the caches say, but that an owner is gone is believed from the server only. */
async function verify(
  kinds: Kinds,
  reference: OwnerReference,
  object: Readonly<KubeObject>,
  cluster: Cluster,
): Promise<OwnerState> {
  const state = kinds.stateOf(reference, object, cluster);
  const type = kinds.typeOf(reference);
  if (state !== 'gone' || type === undefined) return state;
  const { namespace = '' } = object.metadata;
  if (type.namespaced && namespace === '') {
    tellOfNamespace(reference, object, cluster);
    return 'unknown';
  }
  const key = type.namespaced ? { namespace, name: reference.name } : { name: reference.name };
  const owner = referenceText(reference, key.namespace ?? '');
  const found = await kinds.absent.stateOf(owner, async () => {
    const latestOwner = await latest(type, { metadata: { ...key, uid: reference.uid } }, cluster);
    // Of a kind that has gone meanwhile the server finds nothing either.
    if (latestOwner === undefined && !kinds.areCurrent()) return 'unknown';
    if (latestOwner !== undefined) return isDeletingDependents(latestOwner) ? 'waiting' : 'solid';
    return cluster.list(type).some(({ metadata }) => metadata.uid === reference.uid) ? 'elsewhere' : 'gone';
  });
  if (found !== 'elsewhere') return found;
  tellOfNamespace(reference, object, cluster);
  return 'gone';
}

/** Owners are looked for where the object is; one in another namespace is none. */
function tellOfNamespace(reference: OwnerReference, object: Readonly<KubeObject>, cluster: Cluster): void {
  const { namespace = '' } = object.metadata;
  const message = `${referenceText(reference, namespace)} does not exist in namespace "${namespace}"`;
  cluster.events.record(object, 'Warning', 'OwnerRefInvalidNamespace', message);
}

function referenceText({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): string {
  return `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

interface Found {
  readonly type: ResourceType;
  readonly object: Readonly<KubeObject>;
}

/** A kind under the names that references and keys use. */
interface Part {
  readonly kind: string;
  readonly resource: string;
  readonly takesPart: boolean;
}

/** Each kind that comes has all of them looked through. */
const parts = new WeakMap<ResourceFacts, Part>();

function partOf(facts: ResourceFacts): Part {
  let part = parts.get(facts);
  if (part === undefined) {
    const { type, verbs } = facts;
    const resource = groupResourceOf(type);
    const isManaged = (['list', 'watch', 'delete'] as const).every((verb) => verbs.includes(verb));
    part = { kind: `${type.group} ${type.kind}`, resource, takesPart: isManaged && !ignored.has(resource) };
    parts.set(facts, part);
  }
  return part;
}

/** The kinds that take part, by the names that references and keys use. */
class Kinds {
  readonly #served: ServedResources;
  readonly #facts: readonly ResourceFacts[];
  readonly all: readonly ResourceType[];
  readonly absent = new AbsentOwners();
  readonly #byKind = new Map<string, ResourceType>();
  readonly #byResource = new Map<string, ResourceType>();

  constructor(served: ServedResources) {
    this.#served = served;
    this.#facts = served.current();
    for (const facts of this.#facts) {
      const { kind, resource, takesPart } = partOf(facts);
      if (!this.#byKind.has(kind)) this.#byKind.set(kind, facts.type);
      if (takesPart && !this.#byResource.has(resource)) this.#byResource.set(resource, facts.type);
    }
    this.all = [...this.#byResource.values()];
  }

  /** Whether the server still serves these and no others. */
  areCurrent(): boolean {
    return this.#served.current() === this.#facts;
  }

  typeOf({ apiVersion, kind }: OwnerReference): ResourceType | undefined {
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    const type = this.#byKind.get(`${group} ${kind}`);
    return type && (this.#byResource.get(groupResourceOf(type)) ?? type);
  }

  /** The owner as the caches have it, or nothing. */
  ownerOf(reference: OwnerReference, namespace: string | undefined, cluster: ClusterReader): Found[] {
    const type = this.typeOf(reference);
    if (type === undefined || this.#byResource.get(groupResourceOf(type)) !== type) return [];
    const object = cluster.get(type, type.namespaced ? { namespace, name: reference.name } : { name: reference.name });
    return object?.metadata.uid === reference.uid ? [{ type, object }] : [];
  }

  stateOf(reference: OwnerReference, { metadata }: Readonly<KubeObject>, cluster: ClusterReader): OwnerState {
    if (this.typeOf(reference) === undefined) return 'unknown';
    const [owner] = this.ownerOf(reference, metadata.namespace, cluster);
    if (owner === undefined) return 'gone';
    return isDeletingDependents(owner.object) ? 'waiting' : 'solid';
  }

  dependentsOf(owner: Readonly<KubeObject>, cluster: ClusterReader): Found[] {
    return this.all.flatMap((type) => cluster.dependentsOf(owner, type).map((object) => ({ type, object })));
  }

  toKey(type: ResourceType, { metadata }: Readonly<KubeObject>): ObjectKey {
    const name = `${groupResourceOf(type)} ${metadata.name}`;
    return metadata.namespace === undefined ? { name } : { namespace: metadata.namespace, name };
  }

  fromKey({ namespace, name }: ObjectKey): { type: ResourceType; key: ObjectKey } | undefined {
    const space = name.indexOf(' ');
    const type = this.#byResource.get(name.slice(0, space));
    const own = name.slice(space + 1);
    return type && { type, key: namespace === undefined ? { name: own } : { namespace, name: own } };
  }
}
