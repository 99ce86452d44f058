import type { KubeList, KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { Cause, PatchType, WatchEvent } from '../apimachinery/request.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';

export interface WriteOptions {
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly cause?: Cause;
}

export interface ReadOptions {
  readonly subresource?: string | undefined;
  /** Further query parameters. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly cause?: Cause;
}

/** Typed requests. Results are frozen. A refusal rejects with `StatusError` (apimachinery/status.ts). */
export interface Client {
  /** Of a subresource where one is named, which is another kind. */
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, options?: ReadOptions): Promise<T>;
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<KubeList<T>>;
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions & { readonly resourceVersion: string; readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  /**
   * Creates objects of one namespace, which are the client's from then on: each as by itself, but where the server is in
   * this process, for less. Answers what each was refused with, in their order; `undefined`: it is there. Rejects when that goes for all.
   */
  createAll<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    objects: readonly T[],
  ): Promise<readonly (Error | undefined)[]>;
  /** Replaces the object; a stale `metadata.resourceVersion` is a Conflict. */
  update<T extends KubeObject>(type: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: { readonly type: PatchType; readonly body: unknown },
    options?: WriteOptions & { readonly force?: boolean },
  ): Promise<T>;
  delete(type: ResourceType, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection(type: ResourceType, options?: ListOptions & DeleteOptions): Promise<void>;
  /**
   * POSTs to a subresource with a kind of its own (`pods/x/binding`, `serviceaccounts/x/token`, `pods/x/eviction`) and
   * returns what it answers.
   */
  post(
    type: ResourceType,
    key: ObjectKey,
    subresource: string,
    body: unknown,
    options?: WriteOptions,
  ): Promise<unknown>;
}
