import type { Node, Service } from '../../api/core/v1/types.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { DeviceState } from '../devices/device-state.ts';
import { ChangeLog } from './change-log.ts';
import { sameEntries, sameImages, sameTaints, type NodeChange } from './node-differences.ts';
import { nodeDomains, type NodeDomains } from './node-domains.ts';
import { NodeInfo } from './node-info.ts';
import { NodeJournal } from './node-journal.ts';
import { NodeOrder } from './node-order.ts';
import { change, PodCounts } from './pod-counts.ts';
import type { PodInfo } from './pod-info.ts';
import { StorageState } from './storage-state.ts';
import { PodTerms } from './term-counts.ts';

export interface Topology {
  readonly values: ReadonlySet<string>;
  /** Whether every node has the label. */
  readonly everywhere: boolean;
}

/** Of so many labels, or sets of them, it is known at once which nodes have which values; pods name them as they like. */
const mostLabels = 64;
const noLabels: Readonly<Record<string, string>> = {};

/**
 * All that the scheduler knows of the cluster, kept up to date change by change, with the pods whose binding is under
 * way already on their nodes. Nothing changes it during a scheduling cycle, so it is the cycle's snapshot as well.
 */
export class ClusterState {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #order = new NodeOrder();
  readonly #nodeOf = new Map<string, NodeInfo>();
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #services = new Map<string, Map<string, Readonly<Service>>>();
  /** The replicas of each workload by node. */
  readonly #replicas = new Map<string, Map<NodeInfo, number>>();
  /** How many nodes have each image. */
  readonly #imageNodes = new Map<string, number>();
  /** How many nodes have taints that only advise. */
  #softTainted = 0;
  /** The values of node labels, worked out when asked for and forgotten when a node changes. */
  readonly #topologies = new BoundedMap<string, Topology>(mostLabels);
  /** The same by node. */
  readonly #columns = new BoundedMap<string, readonly (string | undefined)[]>(mostLabels);
  readonly #domains = new BoundedMap<string, NodeDomains>(mostLabels);
  /** Where each node stands in {@link nodes}, worked out when asked for. */
  #places: { readonly nodes: readonly NodeInfo[]; readonly of: ReadonlyMap<NodeInfo, number> } | undefined;
  readonly log = new ChangeLog();
  readonly journal = new NodeJournal();
  readonly counts = new PodCounts();
  readonly terms = new PodTerms();
  readonly storage = new StorageState();
  readonly devices = new DeviceState();

  /** All nodes, zone by zone in turn; the order stays until a node comes, goes or moves. */
  get nodes(): readonly NodeInfo[] {
    return this.#order.list();
  }

  /** The place of a node in {@link nodes}. */
  placeOf(node: NodeInfo): number | undefined {
    const { nodes } = this;
    if (this.#places?.nodes !== nodes) this.#places = { nodes, of: new Map(nodes.map((one, place) => [one, place])) };
    return this.#places.of.get(node);
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node === undefined ? undefined : info;
  }

  /** Adds or replaces a node and tells what of it changed. */
  setNode(node: Readonly<Node>): NodeChange[] {
    const info = this.#infoOf(node.metadata.name);
    const old = info.node;
    if (old === undefined) {
      this.#replaceNode(info, node);
      return ['node-added'];
    }
    const changes: NodeChange[] = [];
    if (!sameEntries(old.metadata.labels, node.metadata.labels)) changes.push('node-relabelled');
    if (!sameTaints(old, node)) changes.push('node-taints-changed');
    if (!sameEntries(old.status?.allocatable, node.status?.allocatable)) changes.push('node-allocatable-changed');
    if (changes.length > 0 || !sameImages(old, node)) this.#replaceNode(info, node);
    return changes;
  }

  /** Pods of the node stay known until they are removed themselves. */
  removeNode(name: string): NodeInfo | undefined {
    const info = this.node(name);
    if (info === undefined) return undefined;
    this.#replaceNode(info, undefined);
    if (info.pods.size === 0) this.#nodes.delete(name);
    return info;
  }

  /** Adds the pod to its node, or moves it there; replaces one with the same name. */
  addPod(pod: PodInfo, nodeName: string): void {
    const node = this.#infoOf(nodeName);
    const before = this.#nodeOf.get(pod.key) === node ? node.pods.get(pod.key) : undefined;
    const leavesNothing = before === undefined ? !this.#nodeOf.has(pod.key) : takesAsMuch(pod, before);
    this.#takeOut(pod.key);
    this.#nodes.set(nodeName, node);
    node.addPod(pod);
    this.journal.touched(node);
    if (leavesNothing) this.log.took(node);
    else this.log.changed();
    this.#nodeOf.set(pod.key, node);
    this.#count(pod, node, 1);
  }

  removePod(key: string): PodInfo | undefined {
    const pod = this.#takeOut(key);
    if (pod !== undefined) this.log.changed();
    return pod;
  }

  #takeOut(key: string): PodInfo | undefined {
    const node = this.#nodeOf.get(key);
    const pod = node?.removePod(key);
    if (node === undefined || pod === undefined) return undefined;
    this.#nodeOf.delete(key);
    this.journal.touched(node);
    this.#count(pod, node, -1);
    if (node.node === undefined && node.pods.size === 0) this.#nodes.delete(node.name);
    return pod;
  }

  /** Replaces a pod by a version of it that counts the same. */
  refreshPod(pod: PodInfo): void {
    this.#nodeOf.get(pod.key)?.pods.set(pod.key, pod);
  }

  /** The pod on its node. */
  pod(key: string): PodInfo | undefined {
    return this.#nodeOf.get(key)?.pods.get(key);
  }

  nodeOf(key: string): NodeInfo | undefined {
    return this.#nodeOf.get(key);
  }

  /** Answers whether the labels changed. */
  setNamespace(name: string, labels: Readonly<Record<string, string>> | undefined): boolean {
    if (sameEntries(this.#namespaces.get(name), labels)) return false;
    if (labels === undefined) this.#namespaces.delete(name);
    else this.#namespaces.set(name, labels);
    this.counts.clear();
    this.log.changed();
    return true;
  }

  readonly namespaceLabels = (name: string): Readonly<Record<string, string>> => this.#namespaces.get(name) ?? noLabels;

  setService(service: Readonly<Service>): void {
    const { namespace = 'default', name } = service.metadata;
    const services = this.#services.get(namespace) ?? new Map<string, Readonly<Service>>();
    services.set(name, service);
    this.log.changed();
    this.#services.set(namespace, services);
  }

  removeService({ metadata: { namespace = 'default', name } }: Readonly<Service>): void {
    const services = this.#services.get(namespace);
    services?.delete(name);
    this.log.changed();
    if (services?.size === 0) this.#services.delete(namespace);
  }

  servicesIn(namespace: string): Iterable<Readonly<Service>> {
    return this.#services.get(namespace)?.values() ?? [];
  }

  /** How many replicas of a workload each node has. */
  replicasByNode(owner: string): ReadonlyMap<NodeInfo, number> {
    return this.#replicas.get(owner) ?? new Map<NodeInfo, number>();
  }

  nodesWithImage(name: string): number {
    return this.#imageNodes.get(name) ?? 0;
  }

  /** The values that a label has on nodes. */
  topology(label: string): Topology {
    let topology = this.#topologies.get(label);
    if (topology === undefined) {
      const values = new Set<string>();
      let everywhere = true;
      for (const { labels } of this.nodes) {
        const value = labels[label];
        if (value === undefined) everywhere = false;
        else values.add(value);
      }
      this.#topologies.set(label, (topology = { values, everywhere }));
    }
    return topology;
  }

  /** The value of a label on each of {@link nodes}, in their order. */
  column(label: string): readonly (string | undefined)[] {
    const column = this.#columns.get(label);
    return (
      column ??
      this.#columns.set(
        label,
        this.nodes.map(({ labels }) => labels[label]),
      )
    );
  }

  /** The nodes by the values that they have of all these labels. */
  domains(labels: readonly string[]): NodeDomains {
    const key = labels.join(' ');
    return this.#domains.get(key) ?? this.#domains.set(key, nodeDomains(this.nodes, labels));
  }

  get knowsImages(): boolean {
    return this.#imageNodes.size > 0;
  }

  get hasSoftTaints(): boolean {
    return this.#softTainted > 0;
  }

  #infoOf(name: string): NodeInfo {
    let info = this.#nodes.get(name);
    if (info === undefined) this.#nodes.set(name, (info = new NodeInfo(name)));
    return info;
  }

  /** Counts go by labels of nodes, so a node's pods are taken out of them before it changes and put back after. */
  #replaceNode(info: NodeInfo, node: Readonly<Node> | undefined): void {
    this.log.changed();
    this.journal.renewed();
    this.#topologies.clear();
    this.#columns.clear();
    this.#domains.clear();
    for (const pod of info.pods.values()) this.#count(pod, info, -1);
    for (const image of info.images.keys()) change(this.#imageNodes, image, -1);
    if (info.softTaints.length > 0) this.#softTainted--;
    info.node = node;
    if (node === undefined) this.#order.delete(info);
    else this.#order.set(info);
    for (const image of info.images.keys()) change(this.#imageNodes, image, 1);
    if (info.softTaints.length > 0) this.#softTainted++;
    for (const pod of info.pods.values()) this.#count(pod, info, 1);
  }

  /** Pods of nodes that are not there do not count. */
  #count(pod: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (node.node === undefined) return;
    this.terms.change(pod, node, by);
    if (pod.claims.length > 0) this.storage.countUses(pod.claims, pod.namespace, by);
    if (by === 1) this.counts.add(pod, node);
    else this.counts.remove(pod, node);
    // A replica that is going leaves its place to another.
    if (pod.owner === undefined || pod.terminating) return;
    const replicas = this.#replicas.get(pod.owner) ?? new Map<NodeInfo, number>();
    change(replicas, node, by);
    if (replicas.size > 0) this.#replicas.set(pod.owner, replicas);
    else this.#replicas.delete(pod.owner);
  }
}

/** Whether what was left beside `before` is what is left beside the pod: the same one, with other labels at most. */
function takesAsMuch({ uid, requests }: PodInfo, before: PodInfo): boolean {
  if (uid !== before.uid || requests.size !== before.requests.size) return false;
  for (const [name, amount] of requests) if (before.requests.get(name) !== amount) return false;
  return true;
}
