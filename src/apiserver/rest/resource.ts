import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { FieldError } from '../../apimachinery/validation.ts';
import type { ServerContext } from '../context.ts';

/**
 * All that is special about one kind; the generic REST handlers know the rest, and call in this order: decode →
 * `defaults` → managed fields → mutating admission → `prepare` → `validate` → validating admission → `claim` → commit.
 *
 * Verbs, short names, categories, subresources, column names and selectable field names come from the recorded facts.
 * Metadata (names, labels, owner references, finalizers) is checked for every kind by the generic code.
 */
export interface ResourceDefinition<T extends KubeObject = any> {
  readonly type: ResourceType<T>;
  /** Told with a warning to everyone who uses the kind. */
  readonly deprecation?: string;
  /** What a name must look like (default: a DNS subdomain). Answers complaints without the field, as in Kubernetes. */
  readonly nameRule?: (name: string, prefix: boolean) => string[];
  /** Fills unset fields of a private copy. Runs on every write and before validation; must be idempotent. */
  defaults?(draft: T): void;
  /**
   * Runs after defaults and admission on a private copy. On create `old` is absent (status was cleared already where there is
   * a status subresource). `generation` is raised by the generic code when anything but metadata and status changed.
   */
  prepare?(draft: T, old: Readonly<T> | undefined, context: ServerContext): void;
  /** All errors of a create (`old` absent) or of an update through the main endpoint. Must not change its arguments. */
  validate?(object: Readonly<T>, old: Readonly<T> | undefined, context: ServerContext): FieldError[];
  /** The same for a write through `/status`, which only has a say in the status. */
  prepareStatus?(draft: T, old: Readonly<T>): void;
  /** Errors of a write through `/status`; the generic code has put back everything but status. */
  validateStatus?(object: Readonly<T>, old: Readonly<T>): FieldError[];
  /** Further subresources that write the same object (`resize`, `ephemeralcontainers`, `finalize`, `approval`). */
  readonly updates?: Readonly<Record<string, SubresourceUpdate<T>>>;
  /** Whether `spec` changes raise `metadata.generation` (default: true where the kind has a spec and a status). */
  readonly hasGeneration?: boolean;
  /** Top-level fields that belong to `/status` (default `['status']`); `[]` for kinds without the subresource. */
  readonly statusFields?: readonly string[];
  /** Whether a create may bring a status (nodes register with theirs); it is cleared otherwise. */
  readonly keepsStatusOnCreate?: boolean;
  /** Texts for the `Warning` header. */
  warnings?(object: Readonly<T>, old: Readonly<T> | undefined): string[];
  /** One value for each column of the facts, in their order, Name and Age included (`ageOf` in rest/cells.ts). */
  cells?(object: Readonly<T>, now: number): (string | number | boolean | null)[];
  /** What a table says of a row beside its cells: clients show finished pods in another way. */
  rowConditions?(object: Readonly<T>): readonly TableRowCondition[];
  /** Values of field selectors other than metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: Readonly<T>) => string>>;
  /** Where the scale subresource finds its numbers; only for kinds that have it in the facts. */
  readonly scale?: {
    replicas(object: Readonly<T>): number;
    setReplicas(draft: T, replicas: number): void;
    statusReplicas(object: Readonly<T>): number;
    /** Label selector in its text form. */
    selector(object: Readonly<T>): string;
  };
  /** How long a delete waits for an owner of the object on a node, in seconds; 0 deletes at once. `requested` is from DeleteOptions. */
  gracePeriod?(object: Readonly<T>, requested: number | undefined): number;
  /** Lifetime in the store, in milliseconds (events). */
  readonly ttlMs?: number;
  /** Takes what must be unique in the cluster (addresses, ports) just before the commit; the answer gives it back if the commit fails. May change the draft. Throws StatusError. */
  claim?(draft: T, old: Readonly<T> | undefined, context: ServerContext, dryRun: boolean): (() => void) | undefined;
  /** The object has left the store. */
  released?(object: Readonly<T>, context: ServerContext): void;
  /** Whether a delete may go ahead; throws StatusError. */
  beforeDelete?(object: Readonly<T>, context: ServerContext): void;
  /** Changes the object when its deletion begins (a namespace becomes Terminating). */
  beginDeletion?(draft: T): void;
  /** What besides `metadata.finalizers` keeps a deleted object from going (the finalizers in a namespace's spec). */
  isHeld?(object: Readonly<T>): boolean;
  /** What a delete that was carried out at once answers: a Status (default) or the object. */
  readonly deleteAnswers?: 'status' | 'object';
  /** For a kind kept as another one: core and events.k8s.io Events are the same objects. */
  readonly storage?: {
    readonly type: ResourceType;
    fromStored(stored: KubeObject): T;
    toStored(object: T): KubeObject;
  };
  /** For a kind that is measured at each request and never stored; it can only be got and listed. */
  readonly measured?: Measured<T>;
}

/** What there is of a kind now, without kind and apiVersion. */
export interface Measured<T extends KubeObject> {
  /** Of one namespace or all, in the order of namespaces and names. */
  list(namespace: string | undefined, context: ServerContext): readonly Readonly<T>[];
  /** Throws StatusError when there is none. */
  get(key: ObjectKey, context: ServerContext): Readonly<T>;
}

export interface SubresourceUpdate<T extends KubeObject> {
  /** Takes the allowed parts of `wanted` into `draft`, a copy of the stored object. */
  apply(draft: T, wanted: Readonly<T>, context: ServerContext): void;
  validate?(object: Readonly<T>, old: Readonly<T>): FieldError[];
}

/** meta/v1 TableRowCondition. */
export interface TableRowCondition {
  readonly type: 'Completed';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}
