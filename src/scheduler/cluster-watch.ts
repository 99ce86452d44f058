import {
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  Services,
  type Namespace,
  type Node,
  type Pod,
  type Service,
} from '../api/core/v1/types.ts';
import {
  CSIDrivers,
  CSINodes,
  CSIStorageCapacities,
  StorageClasses,
  VolumeAttachments,
} from '../api/storage/v1/types.ts';
import { keyOf, keyText, type KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { Informer, InformerChange } from '../client/informer.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import { deviceKinds, type FollowedKind } from './device-watch.ts';
import type { ClusterState } from './framework/cluster-state.ts';
import { sameEntries } from './framework/node-differences.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { ClusterChange } from './framework/plugin.ts';
import { podInfo, type PodInfo } from './framework/pod-info.ts';
import type { Nominations } from './nominations.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';

export interface ClusterWatchOptions {
  readonly informers: InformerFactory;
  readonly schedulerName: string;
  readonly state: ClusterState;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
}

/** Carries what informers see into the scheduler's state and queue. */
export class ClusterWatch {
  readonly #options: ClusterWatchOptions;
  readonly #informers: {
    pods: Informer<Pod>;
    nodes: Informer<Node>;
    namespaces: Informer<Namespace>;
    services: Informer<Service>;
  };
  /** Kinds of storage and of devices. */
  readonly #others: readonly FollowedKind[];
  readonly #stops: (() => void)[] = [];
  /** Pods that were given a node which the informer has not confirmed yet, by key with their uid. */
  readonly #assumed = new Map<string, string>();

  constructor(options: ClusterWatchOptions) {
    this.#options = options;
    const { informers } = options;
    this.#informers = {
      nodes: informers.informer(Nodes),
      namespaces: informers.informer(Namespaces),
      services: informers.informer(Services),
      pods: informers.informer(Pods),
    };
    const { state, queue } = options;
    const devices = deviceKinds(informers, state.devices, (change) => queue.changed(change));
    this.#others = [...this.#storageKinds(), ...devices];
  }

  /** Resolves when everything there is has been taken in. */
  async start(): Promise<void> {
    const { nodes, namespaces, services, pods } = this.#informers;
    await Promise.all([nodes, namespaces, services, pods, ...this.#others].map((one) => one.synced()));
    this.#stops.push(
      nodes.onChange((change) => this.#onNode(change)),
      namespaces.onChange((change) => this.#onNamespace(change)),
      services.onChange((change) => this.#onService(change)),
      ...this.#others.map((kind) => kind.follow()),
      pods.onChange((change) => this.#onPod(change)),
    );
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** The newest version of a waiting pod, if it is still there and the same. */
  current({ pod, uid }: PodInfo): Readonly<Pod> | undefined {
    const { namespace, name } = pod.metadata;
    const found = this.#informers.pods.get(namespace === undefined ? { name } : { namespace, name });
    return found?.metadata.uid === uid ? found : undefined;
  }

  /** Counts the pod on the node from now on, until the informer shows it there or {@link forget} is called. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#assumed.set(pod.key, pod.uid);
    this.withdraw(pod.key, nodeName);
    this.#options.state.addPod(pod, nodeName);
  }

  /** The pod needs no room any more, unless it came to have it on `nodeName`: others may. */
  withdraw(key: string, nodeName?: string): void {
    const { nominations, queue, state } = this.#options;
    const withdrawn = nominations.delete(key);
    if (withdrawn === undefined || withdrawn.nodeName === nodeName) return;
    queue.changed({ type: 'pod-removed', pod: withdrawn.pod, from: state.node(withdrawn.nodeName) });
  }

  /** The binding failed. */
  forget(pod: PodInfo): void {
    if (this.#assumed.get(pod.key) !== pod.uid) return;
    this.#assumed.delete(pod.key);
    this.#leave(pod.key);
  }

  #onPod(change: InformerChange<Pod>): void {
    const { state, queue, nominations, schedulerName } = this.#options;
    const pod = change.object;
    // Pods of other schedulers count from when they are on a node.
    if (change.type === 'added' && !pod.spec.nodeName && (pod.spec.schedulerName ?? schedulerName) !== schedulerName)
      return;
    const info = podInfo(pod);
    const { key } = info;
    if (change.type === 'deleted' || isFinished(pod)) {
      this.#assumed.delete(key);
      queue.delete(key);
      this.withdraw(key);
      this.#leave(key);
    } else if (pod.spec.nodeName) {
      this.#assumed.delete(key);
      queue.delete(key);
      this.withdraw(key, pod.spec.nodeName);
      this.#settleOn(info, pod.spec.nodeName);
    } else if (this.#assumed.get(key) === info.uid || (pod.spec.schedulerName ?? schedulerName) !== schedulerName) {
      return;
    } else if (info.terminating) {
      queue.delete(key);
      this.withdraw(key);
    } else {
      state.removePod(key);
      const nominated = pod.status?.nominatedNodeName;
      if (nominated) nominations.set(info, nominated);
      else this.withdraw(key);
      if (change.type === 'added') queue.add(info);
      else queue.update(info, isSameForScheduling(change.old, pod) ? undefined : { type: 'self-changed' });
    }
  }

  #leave(key: string): void {
    const { state, queue } = this.#options;
    const from = state.nodeOf(key);
    const pod = state.removePod(key);
    if (pod !== undefined) queue.changed({ type: 'pod-removed', pod, from });
  }

  /** The pod is on a node, as far as the API server knows. */
  #settleOn(pod: PodInfo, nodeName: string): void {
    const { state, queue } = this.#options;
    const before = state.nodeOf(pod.key)?.name === nodeName ? state.pod(pod.key) : undefined;
    const isNew = before === undefined || before.uid !== pod.uid || before.pod.spec.nodeName === undefined;
    const changes = before?.uid === pod.uid ? changesOf(before, pod, state.nodeOf(pod.key)) : [];
    // That it is bound says nothing new of a pod that counted there already.
    const countsTheSame = before?.uid === pod.uid && changes.length === 0 && before.terminating === pod.terminating;
    if (countsTheSame) state.refreshPod(pod);
    else state.addPod(pod, nodeName);
    if (isNew) queue.changed({ type: 'pod-added', pod });
    for (const change of changes) queue.changed(change);
  }

  #storageKinds(): FollowedKind[] {
    const { state, queue, informers } = this.#options;
    const { storage } = state;
    const kind = <T extends KubeObject>(
      type: ResourceType<T>,
      put: (object: Readonly<T>) => void,
      drop: (object: Readonly<T>) => void,
    ): FollowedKind => {
      const informer = informers.informer(type);
      return {
        synced: () => informer.synced(),
        follow: () =>
          informer.onChange((change) => {
            if (change.type === 'deleted') return drop(change.object);
            put(change.object);
            queue.changed({
              type: 'storage-changed',
              ...(type.namespaced && type.group === '' && { claim: keyOf(change.object as KubeObject) }),
            });
          }),
      };
    };
    const into = <T extends KubeObject>(type: ResourceType<T>, map: Map<string, Readonly<T>>): FollowedKind =>
      kind(
        type,
        (object) => void map.set(keyText(object.metadata), object),
        (object) => void map.delete(keyText(object.metadata)),
      );
    return [
      into(StorageClasses, storage.classes),
      into(CSIDrivers, storage.drivers),
      into(CSINodes, storage.csiNodes),
      into(CSIStorageCapacities, storage.capacities),
      this.#attachments(),
      kind(
        PersistentVolumes,
        (volume) => storage.setVolume(volume),
        ({ metadata }) => storage.removeVolume(metadata.name),
      ),
      into(PersistentVolumeClaims, storage.claims),
    ];
  }

  /** One that goes leaves room for another; one that comes helps no pod. */
  #attachments(): FollowedKind {
    const { state, queue, informers } = this.#options;
    const informer = informers.informer(VolumeAttachments);
    return {
      synced: () => informer.synced(),
      follow: () =>
        informer.onChange(({ type, object }) => {
          if (type !== 'deleted') return state.storage.setAttachment(object);
          state.storage.removeAttachment(object);
          queue.changed({ type: 'storage-changed' });
        }),
    };
  }

  #onNode(change: InformerChange<Node>): void {
    const { state, queue } = this.#options;
    const { name } = change.object.metadata;
    if (change.type === 'deleted') {
      const node = state.removeNode(name);
      if (node !== undefined) queue.changed({ type: 'node-removed', node });
      return;
    }
    for (const type of state.setNode(change.object)) queue.changed({ type, node: state.node(name)! });
  }

  #onNamespace({ type, object: { metadata } }: InformerChange<Namespace>): void {
    const labels = type === 'deleted' ? undefined : (metadata.labels ?? {});
    if (this.#options.state.setNamespace(metadata.name, labels))
      this.#options.queue.changed({ type: 'namespace-relabelled' });
  }

  #onService({ type, object }: InformerChange<Service>): void {
    if (type === 'deleted') this.#options.state.removeService(object);
    else this.#options.state.setService(object);
  }
}

function isFinished({ status }: Readonly<Pod>): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether nothing changed that the scheduler looks at in a pod without a node. Its own notes in the status are such. */
function isSameForScheduling(a: Readonly<Pod>, b: Readonly<Pod>): boolean {
  return sameEntries(a.metadata.labels, b.metadata.labels) && JSON.stringify(a.spec) === JSON.stringify(b.spec);
}

function changesOf(before: PodInfo, pod: PodInfo, from: NodeInfo | undefined): ClusterChange[] {
  const changes: ClusterChange[] = [];
  if (!sameEntries(before.labels, pod.labels)) changes.push({ type: 'pod-relabelled', pod });
  const names = new Set([...before.requests.keys(), ...pod.requests.keys()]);
  const differs = [...names].some((name) => before.requests.get(name) !== pod.requests.get(name));
  if (differs) changes.push({ type: 'pod-shrunk', pod, from });
  return changes;
}
