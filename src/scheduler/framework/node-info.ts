import type { Node, Taint } from '../../api/core/v1/types.ts';
import { anyAddress, type HostPort, type PodInfo } from './pod-info.ts';
import { amounts, type Amounts } from './resources.ts';

/** How much of a resource a node has and its pods take. */
export interface Usage {
  allocatable: number;
  requested: number;
  /** With assumed amounts for containers that ask for nothing. */
  requestedOrAssumed: number;
}

/** A node with the pods on it and what they take. Changed only between two scheduling cycles, by the cluster's state. */
export class NodeInfo {
  readonly name: string;
  /** Absent while only pods of the node are known. */
  #node: Readonly<Node> | undefined;
  labels: Readonly<Record<string, string>> = {};
  /** Taints that keep pods away; NoSchedule and NoExecute. */
  hardTaints: readonly Taint[] = [];
  softTaints: readonly Taint[] = [];
  unschedulable = false;
  allocatable: Amounts = new Map();
  /** Image names with their sizes in bytes. */
  images: ReadonlyMap<string, number> = new Map();
  readonly pods = new Map<string, PodInfo>();
  readonly requested: Amounts = new Map();
  /** The two that every pod is measured by, again and as plain fields: they are read for every node and pod. */
  readonly cpu: Usage = { allocatable: 0, requested: 0, requestedOrAssumed: 0 };
  readonly memory: Usage = { allocatable: 0, requested: 0, requestedOrAssumed: 0 };
  mostPods = 0;
  /** How many pods hold each host port, by `protocol/port` and address. */
  readonly #hostPorts = new Map<string, Map<string, number>>();

  constructor(name: string) {
    this.name = name;
  }

  get node(): Readonly<Node> | undefined {
    return this.#node;
  }

  set node(node: Readonly<Node> | undefined) {
    this.#node = node;
    const taints = node?.spec.taints ?? [];
    this.labels = node?.metadata.labels ?? {};
    this.unschedulable = node?.spec.unschedulable === true;
    this.hardTaints = taints.filter((taint) => taint.effect !== 'PreferNoSchedule');
    this.softTaints = taints.filter((taint) => taint.effect === 'PreferNoSchedule');
    this.allocatable = amounts(node?.status?.allocatable);
    this.cpu.allocatable = this.allocatable.get('cpu') ?? 0;
    this.memory.allocatable = this.allocatable.get('memory') ?? 0;
    this.mostPods = this.allocatable.get('pods') ?? 0;
    const images = new Map<string, number>();
    for (const { names, sizeBytes } of node?.status?.images ?? [])
      for (const name of names ?? []) images.set(name, sizeBytes ?? 0);
    this.images = images;
  }

  addPod(pod: PodInfo): void {
    this.pods.set(pod.key, pod);
    this.#count(pod, 1);
  }

  removePod(key: string): PodInfo | undefined {
    const pod = this.pods.get(key);
    if (pod === undefined) return undefined;
    this.pods.delete(key);
    this.#count(pod, -1);
    return pod;
  }

  /** Whether a pod on the node holds the port already, on the same address or where one of the two means all. */
  hasConflict({ ip, protocol, port }: HostPort): boolean {
    const holders = this.#hostPorts.get(`${protocol}/${port}`);
    if (holders === undefined) return false;
    return ip === anyAddress || holders.has(ip) || holders.has(anyAddress);
  }

  /** A copy to try things on. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.name);
    copy.node = this.#node;
    for (const pod of this.pods.values()) copy.addPod(pod);
    return copy;
  }

  #count(pod: PodInfo, by: 1 | -1): void {
    for (const [name, value] of pod.requests) this.requested.set(name, (this.requested.get(name) ?? 0) + by * value);
    this.cpu.requested = this.requested.get('cpu') ?? 0;
    this.memory.requested = this.requested.get('memory') ?? 0;
    this.cpu.requestedOrAssumed += by * pod.requestsOrAssumed.cpu;
    this.memory.requestedOrAssumed += by * pod.requestsOrAssumed.memory;
    for (const { ip, protocol, port } of pod.hostPorts) {
      const place = `${protocol}/${port}`;
      const holders = this.#hostPorts.get(place) ?? new Map<string, number>();
      const count = (holders.get(ip) ?? 0) + by;
      if (count > 0) holders.set(ip, count);
      else holders.delete(ip);
      if (holders.size > 0) this.#hostPorts.set(place, holders);
      else this.#hostPorts.delete(place);
    }
  }
}
