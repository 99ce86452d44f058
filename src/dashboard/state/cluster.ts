import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { Deployments } from '../../api/apps/v1/types.ts';
import { Events, Namespaces, Nodes, Pods, Secrets, Services, type Event } from '../../api/core/v1/types.ts';
import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import { StorageClasses } from '../../api/storage/v1/types.ts';
import type { KubeObject, ListMeta, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { requestPath } from '../../apimachinery/request-path.ts';
import { createClient } from '../../client/typed-client.ts';
import { revealParameter } from '../guard.ts';
import { discover, type Discovery } from './discovery.ts';
import type { EventExtract, NodeExtract, PodExtract } from './extracts.ts';
import { judges, type Around } from './judges.ts';
import type { ServedKind } from './kinds.ts';
import { follow, type Live, type LiveOptions } from './live.ts';
import { logPath, type LogChoice } from './log-path.ts';
import { nodeUsages, type NodeUsage } from './node-usage.ts';
import type { ProxyTransport } from './proxy-transport.ts';
import { serviceEndpoints } from './service-endpoints.ts';
import { byKey } from './sorted-objects.ts';
import { asTable, type Row } from './table-rows.ts';
import { followTables, type Kind, type Tables } from './tables.ts';
import { unreadOf, type Unread } from './unread.ts';

/** Everything that the page shows, kept up to date. */
export interface Cluster extends Discovery, Pick<Tables, 'columnsOf'> {
  readonly nodes: Kind<NodeExtract>;
  readonly pods: Kind<PodExtract>;
  readonly services: Kind;
  /** All kinds by which the cluster is called well, those three among them, as far as the server has them. */
  readonly judged: ReadonlySignal<readonly Kind[]>;
  readonly around: ReadonlySignal<Around>;
  /** What is not there of all that by which the cluster is called well. */
  readonly unread: ReadonlySignal<readonly Unread[]>;
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly usages: ReadonlySignal<ReadonlyMap<string, NodeUsage>>;
  /** A kind that is followed anyway, or that is followed until the signal aborts. */
  kind(kind: ServedKind, signal: AbortSignal): Kind;
  /** One object, with all that it has unless it is a Secret, until the signal aborts. */
  object(kind: ServedKind, key: ObjectKey, signal: AbortSignal): Live<Row<Readonly<KubeObject> | undefined>>;
  /** What happened to one object; ends with `signal`. */
  eventsOf(object: KubeObject, signal: AbortSignal): Live<Event>;
  /** How many there are, as far as the server says; of one namespace unless it is empty. */
  count(kind: ServedKind, namespace: string): Promise<number | undefined>;
  /** A Secret with its values. To be asked for only when somebody wants to see them. */
  reveal(key: ObjectKey): Promise<KubeObject>;
  /** What a container has written, and goes on to write where the choice says so. */
  logs(pod: ObjectKey, choice: LogChoice, signal: AbortSignal): AsyncIterable<string>;
}

/** Follows a cluster from now on. */
export function followCluster(transport: ProxyTransport, options: LiveOptions): Cluster {
  const tables = followTables(transport, options);
  const objects = createClient(transport);
  const nodes = tables.kind<NodeExtract>(Nodes, options);
  const pods = tables.kind<PodExtract>(Pods, options);
  const services = tables.kind(Services, options);
  const namespaces = tables.kind(Namespaces, options);
  const classes = tables.kind(StorageClasses, options);
  const slices = follow(objects, EndpointSlices, options);
  const judged = signal<readonly Kind[]>([nodes, tables.kind(Deployments, options), pods, services, namespaces]);
  const discovery = discover(transport, options, (kinds) => {
    const known = new Set(judged.peek().map(({ id }) => id));
    const more = kinds.filter(({ id }) => judges[id] !== undefined && !known.has(id));
    judged.value = inOrder([...judged.peek(), ...more.map(({ type }) => tables.kind(type, options))]);
  });
  return {
    ...discovery,
    columnsOf: tables.columnsOf,
    nodes,
    pods,
    services,
    judged,
    around: computed(() => ({
      endpoints: serviceEndpoints(slices.items.value),
      patientClasses: new Set(classes.items.value.filter(waitsForPods).map(({ metadata }) => metadata.name)),
    })),
    unread: computed(() => unreadOf(discovery.kinds.value.length > 0, [...judged.value, classes], slices)),
    namespaces: computed(() => namespaces.items.value.map(({ metadata }) => metadata.name)),
    usages: computed(() => nodeUsages(nodes.items.value, pods.items.value)),
    kind({ id, type, isWatchable }, stop) {
      const own = [...judged.peek(), classes].find((kind) => kind.id === id);
      const order = id === 'events' ? newestFirst : byKey;
      return own ?? tables.kind(type, { ...options, signal: stop }, { isWatchable, order: order as typeof byKey });
    },
    object: (kind, key, stop) => tables.object(kind, key, { ...options, signal: stop }),
    eventsOf({ kind: ofKind = '', metadata: { name, namespace } }, stop) {
      const fieldSelector = `involvedObject.kind=${ofKind},involvedObject.name=${name}`;
      return follow(objects, Events, { ...options, signal: stop }, { fieldSelector, ...(namespace && { namespace }) });
    },
    count: ({ type }, namespace) => count(transport, type, namespace),
    reveal: ({ namespace, name }) => {
      const what = { verb: 'get', type: Secrets, name, ...(namespace !== undefined && { namespace }) } as const;
      return transport.read(requestPath({ ...what, options: { [revealParameter]: '' } })) as Promise<KubeObject>;
    },
    logs: (pod, choice, stop) => transport.readText(logPath(pod, choice), stop),
  };
}

/** As the table of judges has them, which is the order of importance. */
function inOrder(kinds: readonly Kind[]): Kind[] {
  const ids = Object.keys(judges);
  return kinds.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

function waitsForPods({ cells }: Readonly<Row>): boolean {
  return cells[3] === 'WaitForFirstConsumer';
}

function newestFirst(a: Readonly<Row<EventExtract>>, b: Readonly<Row<EventExtract>>): number {
  if (a.extract.lastSeen === b.extract.lastSeen) return byKey(a, b);
  return a.extract.lastSeen < b.extract.lastSeen ? 1 : -1;
}

/** The server counts what is left behind the first one. */
async function count(transport: ProxyTransport, type: ResourceType, namespace: string): Promise<number | undefined> {
  const scope = type.namespaced && namespace !== '' ? { namespace } : {};
  const request = asTable({ verb: 'list', type, ...scope, options: { limit: '1' } }, false);
  const { metadata, rows } = (await transport.read(requestPath(request))) as { metadata: ListMeta; rows?: unknown[] };
  const left = metadata.continue ? metadata.remainingItemCount : 0;
  return left === undefined ? undefined : (rows ?? []).length + left;
}
