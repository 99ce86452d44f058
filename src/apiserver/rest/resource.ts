import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { FieldError } from '../../apimachinery/validation.ts';
import type { ServerContext } from '../context.ts';
import type { Answer, Core, Operation } from './operation.ts';
import type { Strategy } from './strategy.ts';

/**
 * All that is special about one kind; the generic REST handlers know the rest. Verbs, short names, categories, names of
 * subresources, columns and selectable fields come from the recorded facts.
 */
export interface ResourceDefinition<T extends KubeObject = any> {
  readonly type: ResourceType<T>;
  /** Told with a warning to everyone who uses the kind. */
  readonly deprecation?: string;
  /** Lifetime in the store, in milliseconds (events). */
  readonly ttlMs?: number;
  /** For a kind kept as another one: core and events.k8s.io Events are the same objects. */
  readonly storage?: StorageCodec<T>;
  /** The same, where somebody else converts. */
  readonly asyncStorage?: AsyncStorageCodec<T>;
  readonly strategy: Strategy<T>;
  /** Default: the name and the age. */
  readonly columns?: TableConvertor<T>;
  /** Values of field selectors other than metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: Readonly<T>) => string>>;
  readonly subresources?: Subresources<T>;
  readonly allocator?: Allocator<T>;
  /** For a kind that is measured at each request and never stored; it can only be got and listed. */
  readonly measured?: Measured<T>;
}

/** The served form of what another kind's objects are stored as. */
export interface StorageCodec<T extends KubeObject = any> {
  readonly type: ResourceType;
  fromStored(stored: KubeObject): T;
  toStored(object: T): KubeObject;
}

/**
 * The same, made by somebody who answers later, such as a conversion webhook. Objects come with kind and apiVersion and
 * must not be changed; of the metadata that comes back labels and annotations count. What it rejects with ends the
 * request or watch that needed it, and nothing else.
 */
export interface AsyncStorageCodec<T extends KubeObject = any> {
  readonly type: ResourceType;
  /** Many in one call, all or none, in their order. Asked once for each revision that somebody reads in this version. */
  fromStored(stored: readonly KubeObject[]): Promise<readonly T[]>;
  toStored(object: T): Promise<KubeObject>;
}

/** What `kubectl get` prints of an object. */
export interface TableConvertor<T extends KubeObject = any> {
  /** One value for each column of the facts, in their order, Name and Age included (`ageOf` in rest/cells.ts). */
  cells(object: Readonly<T>, now: number): (string | number | boolean | null)[];
  /** What a table says of a row beside its cells: clients show finished pods in another way. */
  rowConditions?(object: Readonly<T>): readonly TableRowCondition[];
}

/** meta/v1 TableRowCondition. */
export interface TableRowCondition {
  readonly type: 'Completed';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** The subresources of a kind beside `status`, which its strategy describes, and streams (`log`, `exec`). */
export interface Subresources<T extends KubeObject = any> {
  /** Where the scale subresource finds its numbers. */
  readonly scale?: ScaleView<T>;
  /** Those that write a part of the same object (`resize`, `ephemeralcontainers`, `finalize`, `approval`). */
  readonly updates?: Readonly<Record<string, SubresourceUpdate<T>>>;
  /** Those that take and answer another kind (`binding`, `eviction`). */
  readonly handlers?: Readonly<Record<string, SubresourceHandler>>;
}

export interface ScaleView<T extends KubeObject = any> {
  replicas(object: Readonly<T>): number;
  setReplicas(draft: T, replicas: number): void;
  statusReplicas(object: Readonly<T>): number;
  /** Label selector in its text form. */
  selector(object: Readonly<T>): string;
  /** Why an object has no scale to be shown. */
  missing?(object: Readonly<T>): string | undefined;
  /** Where the replicas stand (default: `spec.replicas`). */
  readonly path?: readonly string[];
}

export interface SubresourceUpdate<T extends KubeObject = any> {
  /** Paths that it does not write: nobody comes to own them there. */
  readonly ignores?: readonly string[];
  /** Whether it writes the metadata as the main endpoint does. */
  readonly writesMetadata?: boolean;
  /** Takes the allowed parts of `wanted` into `draft`, a copy of the stored object. */
  apply(draft: T, wanted: Readonly<T>, context: ServerContext): void;
  validate?(object: Readonly<T>, old: Readonly<T>): FieldError[];
}

export type SubresourceHandler = (core: Core, operation: Operation) => Promise<Answer>;

/** Keeps what must be unique in the cluster: addresses, ports. */
export interface Allocator<T extends KubeObject = any> {
  /**
   * Takes what the draft needs and `old` does not have, just before the commit. May change the draft. Throws
   * StatusError.
   */
  claim(core: Core, draft: T, old: Readonly<T> | undefined, dryRun: boolean): Promise<Allocation | undefined>;
  /** The object has left the store. Does not throw. */
  release(core: Core, object: Readonly<T>): Promise<void>;
}

/** Ends in one of two ways, neither of which throws. */
export interface Allocation {
  /** The object is stored: what it no longer needs is given back. */
  commit(): Promise<void>;
  /** It is not: what was taken is given back. */
  revert(): Promise<void>;
}

/** What there is of a kind now, without kind and apiVersion. */
export interface Measured<T extends KubeObject = any> {
  /** Of one namespace or all, in the order of namespaces and names. */
  list(namespace: string | undefined, context: ServerContext): readonly Readonly<T>[];
  /** Throws StatusError when there is none. */
  get(key: ObjectKey, context: ServerContext): Readonly<T>;
}
