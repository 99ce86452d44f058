import type { Pod } from '../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { PatchType } from '../apimachinery/request.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client, DeleteOptions } from '../client/client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** Drives one kind of object towards its spec. Called with a key, never with an event. */
export interface Controller<T extends KubeObject = KubeObject> {
  /** Lower case, ends in `-controller` as Kubernetes names it: `deployment-controller`. Source of its events. */
  readonly name: string;
  /** With whose rights it works: a service account in kube-system (default: `name`), or a user `system:…`. */
  readonly identity?: string;
  /** Each of its objects is a key. Absent: only what `watches` and `initially` name. */
  readonly for?: ResourceType<T>;
  /** Kinds this controller creates: a change to one wakes its owner. */
  readonly owns?: readonly ResourceType[];
  /** Other kinds to watch, and which keys a change to one of them wakes. */
  readonly watches?: readonly Watch[];
  /** The same for kinds that may come and go while the controller runs. */
  readonly changingWatches?: ChangingWatches;
  /** Kinds that are read, but wake nothing. */
  readonly reads?: readonly ResourceType[];
  /** Keys to begin with: for work that follows a rhythm instead of an object. */
  readonly initially?: readonly ObjectKey[];
  /** How many keys are reconciled at once (default 1). One key is never reconciled twice at the same time. */
  readonly concurrency?: number;
  /**
   * Whether a key that is woken again and again waits a little between two turns (`pace.ts`): for who counts, where one
   * write can stand for a burst of changes. Not for what others wait for.
   */
  readonly paced?: boolean;
  /** Called once, when it starts: lets what is no object, such as the end of a process, wake keys. */
  wokenBy?(wake: (keys: readonly ObjectKey[]) => void): void;
  /** Throw to retry with backoff; throw {@link TerminalError} to wait for the next change. */
  reconcile(key: ObjectKey, cluster: Cluster): Promise<Outcome>;
}

export interface Watch<T extends KubeObject = any> {
  readonly type: ResourceType<T>;
  /** `old` is set when the object was changed. */
  wakes(changed: Readonly<T>, cluster: ClusterReader, old?: Readonly<T>): readonly ObjectKey[];
}

export interface ChangingWatches {
  /** All that is to be watched now, each kind once. */
  current(): readonly Watch[];
  /** Calls `listener` after `current` has changed. The answer stops it. */
  onChange(listener: () => void): () => void;
}

export type Outcome = { readonly kind: 'settled' } | { readonly kind: 'again'; readonly afterMs: number };
export const settled: Outcome = { kind: 'settled' };
export function againAfter(afterMs: number): Outcome {
  return { kind: 'again', afterMs };
}
/** Retrying cannot help until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Reads from informer caches. Results are frozen. Only kinds that the controller declares can be read. */
export interface ClusterReader {
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey): Readonly<T> | undefined;
  list<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly Readonly<T>[];
  /** Objects whose controlling owner is `owner`. */
  ownedBy<T extends KubeObject>(owner: KubeObject, type: ResourceType<T>): readonly Readonly<T>[];
  /** Objects that name `owner` among their owners, controlling or not. */
  dependentsOf<T extends KubeObject>(owner: KubeObject, type: ResourceType<T>): readonly Readonly<T>[];
  /** Objects that carry all of `labels`; without a label, all of the namespace. Quick however many others there are. */
  withLabels<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    labels: Readonly<Record<string, string>>,
  ): readonly Readonly<T>[];
  /** The pods of a node. Quick however many others there are. */
  podsOn(nodeName: string): readonly Readonly<Pod>[];
  /** Objects that have no controlling owner. */
  orphans<T extends KubeObject>(type: ResourceType<T>, namespace?: string): readonly Readonly<T>[];
  readonly clock: Clock;
}

/**
 * The cluster as one reconcile call sees it. The caches never lag behind this controller's own writes: a key is held
 * after a write until the informer of the written kind has reached it. Every write carries the controller, the key and
 * the revision that it reacted to as its cause.
 */
export interface Cluster extends ClusterReader {
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: { owner?: KubeObject }): Promise<T>;
  update<T extends KubeObject>(type: ResourceType<T>, object: T, options?: { subresource?: string }): Promise<T>;
  /** Writes nothing when `status` equals what the object has. Answers the object as it is then. */
  updateStatus<T extends KubeObject & { status?: unknown }>(
    type: ResourceType<T>,
    object: Readonly<T>,
    status: T['status'],
  ): Promise<Readonly<T>>;
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    patch: { type: PatchType; body: unknown },
    options?: { subresource?: string },
  ): Promise<T>;
  /** An object that is gone already is not an error. */
  delete<T extends KubeObject>(type: ResourceType<T>, object: Readonly<T>, options?: DeleteOptions): Promise<void>;
  readonly events: EventRecorder;
  readonly client: Client;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}
