import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { DaemonSets, Deployments, ReplicaSets, StatefulSets, type Deployment } from '../../api/apps/v1/types.ts';
import {
  Events,
  Namespaces,
  Nodes,
  Pods,
  Services,
  type Event,
  type Node,
  type Pod,
  type Service,
} from '../../api/core/v1/types.ts';
import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { Transport } from '../../apimachinery/request.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { createClient } from '../../client/typed-client.ts';
import { follow, type Live, type LiveOptions } from './live.ts';
import { nodeUsages, type NodeUsage, type Share } from './node-usage.ts';
import { serviceEndpoints } from './service-endpoints.ts';
import { rowsOf, tableTransport, type Row, type TableColumn } from './table-rows.ts';

/** One kind as a live table. */
export interface Kind<T extends KubeObject = KubeObject> extends Live<Row<T>> {
  readonly type: ResourceType<T>;
  readonly columns: ReadonlySignal<readonly TableColumn[]>;
}

/** Everything that the page shows, kept up to date. */
export interface Cluster {
  readonly nodes: Kind<Node>;
  readonly pods: Kind<Pod>;
  readonly services: Kind<Service>;
  readonly deployments: Kind<Deployment>;
  /** Deployments, and what else runs pods, as far as it is served. */
  readonly workloads: readonly Kind[];
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly usages: ReadonlySignal<ReadonlyMap<string, NodeUsage>>;
  readonly endpoints: ReadonlySignal<ReadonlyMap<string, Share>>;
  /** What happened to one object; ends with `signal`. */
  eventsOf(object: KubeObject, signal: AbortSignal): Live<Event>;
}

/** Begins to follow a cluster; `served` are the names of the resources in apps/v1. */
export function followCluster(transport: Transport, served: ReadonlySet<string>, options: LiveOptions): Cluster {
  const columns = signal<ReadonlyMap<string, readonly TableColumn[]>>(new Map());
  const tables = createClient(
    tableTransport(transport, (type, known) => {
      columns.value = new Map(columns.peek()).set(groupResourceOf(type), known);
    }),
  );
  const kind = <T extends KubeObject>(type: ResourceType<T>): Kind<T> => ({
    type,
    columns: computed(() => columns.value.get(groupResourceOf(type)) ?? []),
    ...follow(tables, rowsOf(type), options),
  });
  const objects = createClient(transport);
  const nodes = kind(Nodes);
  const pods = kind(Pods);
  const deployments = kind(Deployments);
  const others = [StatefulSets, DaemonSets, ReplicaSets].filter(({ resource }) => served.has(resource));
  const slices = follow(objects, EndpointSlices, options);
  const namespaces = follow(objects, Namespaces, options);
  return {
    nodes,
    pods,
    deployments,
    services: kind(Services),
    workloads: [deployments, ...others.map((type) => kind<KubeObject>(type))],
    namespaces: computed(() => namespaces.items.value.map(({ metadata }) => metadata.name)),
    usages: computed(() => nodeUsages(objectsOf(nodes.items.value), objectsOf(pods.items.value))),
    endpoints: computed(() => serviceEndpoints(slices.items.value)),
    eventsOf({ kind: ofKind = '', metadata: { name, namespace } }, stop) {
      const fieldSelector = `involvedObject.kind=${ofKind},involvedObject.name=${name}`;
      return follow(objects, Events, { ...options, signal: stop }, { fieldSelector, ...(namespace && { namespace }) });
    },
  };
}

export function objectsOf<T extends KubeObject>(rows: readonly Readonly<Row<T>>[]): readonly T[] {
  return rows.map(({ object }) => object);
}
