import { Pods, type Pod } from '../api/core/v1/types.ts';
import { keyText, type KubeObject, type ObjectKey, type OwnerReference } from '../apimachinery/object.ts';
import type { Cause, PatchType } from '../apimachinery/request.ts';
import { groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { isStatus } from '../apimachinery/status.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client, DeleteOptions } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { Cluster, ClusterReader, Controller } from './controller.ts';
import { equalJson } from './equal-json.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { OwnWrites } from './own-writes.ts';

/** What all reconcile calls of one controller share. */
export interface Surroundings {
  readonly controller: Controller;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly events: EventRecorder;
  readonly fieldManager: string;
  /** The kinds that the controller declares, by `groupResourceOf`. */
  readonly kinds: ReadonlyMap<string, Kind>;
  /** The failure of each key that the log has been told of. */
  readonly failures: Map<string, string>;
}

export interface Kind {
  readonly informer: Informer<any>;
  readonly writes: OwnWrites;
}

/** Reads of the kinds that the controller declares. */
export class CacheReader implements ClusterReader {
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #name: string;
  readonly clock: Clock;

  constructor({ kinds, controller, clock }: Pick<Surroundings, 'kinds' | 'controller' | 'clock'>) {
    this.#kinds = kinds;
    this.#name = controller.name;
    this.clock = clock;
  }

  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): Readonly<T> | undefined {
    return this.#informer(type).get(key);
  }

  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly Readonly<T>[] {
    return this.#informer(type).list(namespace);
  }

  ownedBy<T extends KubeObject>(owner: KubeObject, type: ResourceType<T>): readonly Readonly<T>[] {
    return this.#informer(type).byIndex('owner', owner.metadata.uid ?? '');
  }

  dependentsOf<T extends KubeObject>(owner: KubeObject, type: ResourceType<T>): readonly Readonly<T>[] {
    return this.#informer(type).byIndex('owners', owner.metadata.uid ?? '');
  }

  withLabels<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    labels: Readonly<Record<string, string>>,
  ): readonly Readonly<T>[] {
    const informer = this.#informer(type);
    const [first, ...others] = Object.entries(labels);
    if (first === undefined) return informer.list(namespace);
    informer.addIndex('labels', labelValues);
    let fewest = informer.byIndex('labels', labelValue(namespace, ...first));
    for (const [name, value] of others) {
      const found = informer.byIndex('labels', labelValue(namespace, name, value));
      if (found.length < fewest.length) fewest = found;
    }
    if (others.length === 0) return fewest;
    return fewest.filter(({ metadata }) =>
      Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value),
    );
  }

  podsOn(nodeName: string): readonly Readonly<Pod>[] {
    const informer = this.#informer(Pods);
    informer.addIndex('node', nodeNames);
    return informer.byIndex('node', nodeName);
  }

  orphans<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly Readonly<T>[] {
    return this.#informer(type).byIndex('orphans', namespace ?? '');
  }

  #informer<T extends KubeObject>(type: ResourceType<T>): Informer<T> {
    const kind = this.#kinds.get(groupResourceOf(type));
    if (kind === undefined)
      throw new Error(`Cannot read ${groupResourceOf(type)}: controller "${this.#name}" does not declare it`);
    return kind.informer as Informer<T>;
  }
}

/** The {@link Cluster} of one reconcile call. */
export class ClusterView extends CacheReader implements Cluster {
  readonly #around: Surroundings;
  readonly #cause: Cause;
  /** For each kind written, the newest version written. */
  readonly #written = new Map<Kind, string>();
  readonly #deletions: Promise<void>[] = [];

  constructor(around: Surroundings, key: ObjectKey) {
    super(around);
    this.#around = around;
    const { controller, kinds } = around;
    const type = controller.for;
    const object = type && kinds.get(groupResourceOf(type))?.informer.get(key);
    this.#cause = {
      controller: controller.name,
      ...(type && { object: `${type.kind} ${keyText(key)}` }),
      ...(object && { revision: Number(object.metadata.resourceVersion) }),
    };
  }

  get events(): EventRecorder {
    return this.#around.events;
  }
  get client(): Client {
    return this.#around.client;
  }
  get random(): Random {
    return this.#around.random;
  }
  get log(): Logger {
    return this.#around.log;
  }
  get signal(): AbortSignal {
    return this.#around.signal;
  }

  async create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: { owner?: KubeObject } = {},
  ): Promise<T> {
    const owned = options.owner === undefined ? object : withOwner(type, object, options.owner);
    return this.#note(type, await this.client.create(type, owned, this.#writeOptions()));
  }

  async update<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: { subresource?: string } = {},
  ): Promise<T> {
    return this.#note(type, await this.client.update(type, object, this.#writeOptions(options.subresource)));
  }

  async updateStatus<T extends KubeObject & { status?: unknown }>(
    type: ResourceType<T>,
    object: Readonly<T>,
    status: T['status'],
  ): Promise<Readonly<T>> {
    if (equalJson(object.status, status)) return object;
    return this.update(type, { ...object, status }, { subresource: 'status' });
  }

  async patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: { type: PatchType; body: unknown },
    options: { subresource?: string } = {},
  ): Promise<T> {
    return this.#note(type, await this.client.patch(type, key, patch, this.#writeOptions(options.subresource)));
  }

  async delete<T extends KubeObject>(
    type: ResourceType<T>,
    object: Readonly<T>,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid } = object.metadata;
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...options.preconditions };
    try {
      await this.client.delete(type, object.metadata, { cause: this.#cause, ...options, preconditions });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    const kind = this.#around.kinds.get(groupResourceOf(type));
    if (kind !== undefined) this.#deletions.push(kind.writes.sawDeletion(object));
  }

  /** Resolves when the caches show all that this call wrote. */
  async caughtUp(): Promise<void> {
    await Promise.all([
      ...this.#deletions,
      ...[...this.#written].map(([kind, version]) => kind.writes.reached(version)),
    ]);
  }

  #note<T extends KubeObject>(type: ResourceType<T>, written: T): T {
    const kind = this.#around.kinds.get(groupResourceOf(type));
    const version = written.metadata.resourceVersion;
    if (kind !== undefined && version !== undefined && Number(version) > Number(this.#written.get(kind) ?? -1))
      this.#written.set(kind, version);
    return written;
  }

  #writeOptions(subresource?: string): { cause: Cause; fieldManager: string; subresource?: string } {
    const options = { cause: this.#cause, fieldManager: this.#around.fieldManager };
    return subresource === undefined ? options : { ...options, subresource };
  }
}

function nodeNames({ spec }: Readonly<Pod>): readonly string[] {
  return spec.nodeName ? [spec.nodeName] : [];
}

function labelValues({ metadata }: Readonly<KubeObject>): readonly string[] {
  return Object.entries(metadata.labels ?? {}).map(([name, value]) => labelValue(metadata.namespace, name, value));
}

/** A label within a namespace, as the index knows it. */
function labelValue(namespace: string | undefined, name: string, value: string): string {
  return `${namespace ?? ''} ${name}=${value}`;
}

/** The reference of a controlling owner, which the garbage collector follows. */
export function controllerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  if (apiVersion === undefined || kind === undefined || metadata.uid === undefined)
    throw new Error(`Cannot refer to owner "${metadata.name}": kind, apiVersion or uid is not set`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

function withOwner<T extends KubeObject>(type: ResourceType<T>, object: T, owner: KubeObject): T {
  const { metadata } = object;
  const namespace = metadata.namespace ?? owner.metadata.namespace;
  const ownerReferences = [...(metadata.ownerReferences ?? []), controllerReference(owner)];
  const placed = type.namespaced && namespace !== undefined ? { namespace } : {};
  return { ...object, metadata: { ...metadata, ...placed, ownerReferences } };
}

/** Whether the reference points to this kind, in whatever version. */
export function refersTo(reference: OwnerReference, type: ResourceType): boolean {
  const group = reference.apiVersion.includes('/') ? reference.apiVersion.split('/')[0] : '';
  return reference.kind === type.kind && group === type.group;
}
