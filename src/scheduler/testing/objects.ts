import type { Node, Pod, PodSpec, Taint } from '../../api/core/v1/types.ts';
import { ClusterState } from '../framework/cluster-state.ts';
import { podInfo, type PodInfo } from '../framework/pod-info.ts';

export interface PodParts {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly ports?: readonly { hostPort: number; protocol?: 'TCP' | 'UDP' | 'SCTP'; hostIP?: string }[];
  readonly image?: string;
  readonly owner?: string;
  readonly terminating?: boolean;
  readonly status?: Pod['status'];
  readonly spec?: Partial<PodSpec>;
}

/** A pod with one container; only what a test is about has to be said. */
export function makePod(parts: PodParts = {}): Pod {
  const { name = 'pod', namespace = 'default', labels = {}, requests = {}, ports = [], image = 'app:1', owner } = parts;
  const resources = { requests };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels,
      uid: `uid-${namespace}-${name}`,
      ...(parts.terminating ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
          }),
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [
        { name: 'app', image, resources, ports: ports.map((port) => ({ containerPort: port.hostPort, ...port })) },
      ],
      ...parts.spec,
    },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  } as Pod;
}

export interface NodeParts {
  readonly labels?: Record<string, string>;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Record<string, string>;
  /** Image names with sizes in bytes. */
  readonly images?: Record<string, number>;
}

/** A node with four cores, 8 GiB and room for ten pods. */
export function makeNode(name: string, parts: NodeParts = {}): Node {
  const { labels = {}, taints, unschedulable, images = {} } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints && { taints: [...taints] }), ...(unschedulable && { unschedulable }) },
    status: {
      allocatable: parts.allocatable ?? { cpu: '4', memory: '8Gi', pods: '10' },
      images: Object.entries(images).map(([image, sizeBytes]) => ({ names: [image], sizeBytes })),
    },
  };
}

/** A cluster with nodes, and pods on them by the name of the node. */
export function makeCluster(
  nodes: readonly Node[],
  pods: Readonly<Record<string, readonly PodParts[]>> = {},
): ClusterState {
  const cluster = new ClusterState();
  for (const node of nodes) cluster.setNode(node);
  for (const [node, parts] of Object.entries(pods))
    for (const [i, one] of parts.entries())
      cluster.addPod(infoOf({ name: `${node}-${i}`, ...one, spec: { nodeName: node, ...one.spec } }), node);
  return cluster;
}

export function infoOf(parts: PodParts): PodInfo {
  return podInfo(makePod(parts));
}

/** A pod affinity term for one label in one topology. */
export function near(labels: Record<string, string>, topologyKey = 'zone') {
  return { labelSelector: { matchLabels: labels }, topologyKey };
}

export function requiring(
  what: 'podAffinity' | 'podAntiAffinity',
  ...terms: readonly ReturnType<typeof near>[]
): Partial<PodSpec> {
  return { affinity: { [what]: { requiredDuringSchedulingIgnoredDuringExecution: [...terms] } } };
}

export function preferring(
  what: 'podAffinity' | 'podAntiAffinity',
  weight: number,
  term: ReturnType<typeof near>,
): Partial<PodSpec> {
  return {
    affinity: { [what]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: term }] } },
  };
}
