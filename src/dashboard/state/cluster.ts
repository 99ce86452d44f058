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
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { createClient } from '../../client/typed-client.ts';
import { follow, longestRetryMs, type Live, type LiveOptions } from './live.ts';
import { nodeUsageReader, type NodeUsage, type Share } from './node-usage.ts';
import type { ProxyTransport } from './proxy-transport.ts';
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
  /** Deployments, and what else runs pods, as far as the server has it. */
  readonly workloads: ReadonlySignal<readonly Kind[]>;
  /** `v1.36.0`; empty before the server has said so. */
  readonly version: ReadonlySignal<string>;
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly usages: ReadonlySignal<ReadonlyMap<string, NodeUsage>>;
  readonly endpoints: ReadonlySignal<ReadonlyMap<string, Share>>;
  /** The endpoints are there. */
  readonly endpointsSynced: ReadonlySignal<boolean>;
  /** What happened to one object; ends with `signal`. */
  eventsOf(object: KubeObject, signal: AbortSignal): Live<Event>;
}

/** Follows a cluster from now on. */
export function followCluster(transport: ProxyTransport, options: LiveOptions): Cluster {
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
  const usages = nodeUsageReader();
  const version = signal('');
  const workloads = signal<readonly Kind[]>([deployments as Kind]);
  void ask(transport, options).then(({ gitVersion, served }) => {
    version.value = gitVersion;
    const others: ResourceType[] = [StatefulSets, DaemonSets, ReplicaSets];
    const more = others.filter(({ resource }) => served.has(resource)).map((type) => kind(type));
    workloads.value = [...workloads.peek(), ...more];
  });
  const slices = follow(objects, EndpointSlices, options);
  const namespaces = follow(objects, Namespaces, options);
  return {
    nodes,
    pods,
    deployments,
    services: kind(Services),
    workloads,
    version,
    namespaces: computed(() => namespaces.items.value.map(({ metadata }) => metadata.name)),
    usages: computed(() => usages(objectsOf(nodes.items.value), objectsOf(pods.items.value))),
    endpoints: computed(() => serviceEndpoints(slices.items.value)),
    endpointsSynced: slices.synced,
    eventsOf({ kind: ofKind = '', metadata: { name, namespace } }, stop) {
      const fieldSelector = `involvedObject.kind=${ofKind},involvedObject.name=${name}`;
      return follow(objects, Events, { ...options, signal: stop }, { fieldSelector, ...(namespace && { namespace }) });
    },
  };
}

/** Whether all is there by which is judged that everything is well. */
export function isAllRead({
  nodes,
  pods,
  services,
  deployments,
  endpointsSynced,
}: Pick<Cluster, 'nodes' | 'pods' | 'services' | 'deployments' | 'endpointsSynced'>): boolean {
  return [nodes.synced, pods.synced, services.synced, deployments.synced, endpointsSynced].every(({ value }) => value);
}

/** What the server is and has in the group apps; asks until there is an answer. */
async function ask(transport: ProxyTransport, { clock, signal: stop }: LiveOptions) {
  for (;;) {
    try {
      const [version, apps] = await Promise.all([transport.read('/version'), transport.read('/apis/apps/v1')]);
      const { gitVersion = 'of unknown version' } = version as { gitVersion?: string };
      const { resources } = apps as { resources: readonly { name: string }[] };
      return { gitVersion, served: new Set(resources.map(({ name }) => name)) };
    } catch {
      await clock.sleep(longestRetryMs, stop);
    }
  }
}

function objectsOf<T extends KubeObject>(rows: readonly Readonly<Row<T>>[]): readonly T[] {
  return rows.map(({ object }) => object);
}
