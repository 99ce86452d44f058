/**
 * What nodes and pods use: `metrics.k8s.io`, which in Kubernetes is not of the API server itself. It is in no recorded
 * facts, so it is written by hand.
 */
import type { KubeObject, ObjectMeta } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { ColumnFacts, ResourceFacts } from '../../resource-facts.ts';

/** `cpu` and `memory`. */
export type ResourceUsage = Record<string, string>;

export interface NodeMetrics extends KubeObject {
  metadata: ObjectMeta;
  /** The end of the time in which it was measured, and how long that was. */
  timestamp: string;
  window: string;
  usage: ResourceUsage;
}

export interface ContainerMetrics {
  name: string;
  usage: ResourceUsage;
}

export interface PodMetrics extends KubeObject {
  metadata: ObjectMeta;
  timestamp: string;
  window: string;
  containers: ContainerMetrics[];
}

/** The singular is empty, as clients know it: `node` and `pod` are the core kinds'. */
export const NodeMetricsResource: ResourceType<NodeMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  resource: 'nodes',
  singular: '',
  namespaced: false,
  definition: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
};

export const PodMetricsResource: ResourceType<PodMetrics> = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  resource: 'pods',
  singular: '',
  namespaced: true,
  definition: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
};

const columns: readonly ColumnFacts[] = [
  { name: 'Name', type: 'string', format: 'name', priority: 0 },
  { name: 'cpu', type: 'string', format: 'quantity', priority: 0 },
  { name: 'memory', type: 'string', format: 'quantity', priority: 0 },
  { name: 'Window', type: 'string', format: 'duration', priority: 0 },
];

/** How both are served. */
export const metricsFacts: readonly ResourceFacts[] = [NodeMetricsResource, PodMetricsResource].map((type) => ({
  type,
  verbs: ['get', 'list'],
  shortNames: [],
  categories: [],
  subresources: [],
  columns,
  fieldSelectors: ['metadata.name', 'metadata.namespace'],
}));
