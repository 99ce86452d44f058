import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { keyText } from '../../apimachinery/object.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { followCluster, type Cluster, type Kind } from '../state/cluster.ts';
import type { Filter } from '../state/filter.ts';
import { createProxyTransport, type ProxyTransport, type Reach } from '../state/proxy-transport.ts';
import { parseRoute, routeText, type Opened, type Route } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';

const clock = systemClock;
const tickMs = 1000;
const retryMs = 2000;

/** What all parts of the page share. */
export interface Session {
  /** Absent until the server has said what it serves. */
  readonly cluster: ReadonlySignal<Cluster | undefined>;
  readonly version: ReadonlySignal<string>;
  readonly reach: ReadonlySignal<Reach>;
  readonly route: ReadonlySignal<Route>;
  readonly filter: Signal<Filter>;
  /** Wall time, once a second. */
  readonly now: ReadonlySignal<number>;
}

/** Begins to follow the cluster behind the page's own origin, for as long as the page is open. */
export function openSession(): Session {
  const reach = signal<Reach>('reached');
  const cluster = signal<Cluster | undefined>(undefined);
  const version = signal('');
  const route = signal(parseRoute(location.hash));
  addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));
  const now = signal(clock.now());
  const tick = (): void => {
    if (!document.hidden) now.value = clock.now();
    clock.setTimer(tickMs, tick);
  };
  tick();
  const transport = createProxyTransport(location.origin, (heard) => (reach.value = heard));
  void begin(transport, cluster, version);
  return { cluster, version, reach, route, filter: signal({ namespace: '', text: '' }), now };
}

/** Asks until there is an answer. */
async function begin(transport: ProxyTransport, cluster: Signal<Cluster | undefined>, version: Signal<string>) {
  for (;;) {
    try {
      const [about, apps] = await Promise.all([transport.read('/version'), transport.read('/apis/apps/v1')]);
      version.value = (about as { gitVersion: string }).gitVersion;
      const served = (apps as { resources: { name: string }[] }).resources.map(({ name }) => name);
      const { signal: never } = new AbortController();
      cluster.value = followCluster(transport, new Set(served), { clock, random: systemRandom, signal: never });
      return;
    } catch {
      await clock.sleep(retryMs);
    }
  }
}

/** The address that opens an object's details beside what is shown. */
export function linkTo({ route }: Session, opened: Opened): string {
  return routeText({ view: route.value.view, open: opened });
}

export function close({ route }: Session): void {
  location.hash = routeText({ view: route.peek().view });
}

/** The kind and the row of the opened object; the row is absent when there is no such object, any more or yet. */
export function openedIn({ cluster, route }: Session): { kind: Kind; row: Readonly<Row> | undefined } | undefined {
  const { open } = route.value;
  const kind = kindsOf(cluster.value).find(({ type }) => type.resource === open?.resource);
  if (open === undefined || kind === undefined) return undefined;
  const key = keyText(open);
  return { kind, row: kind.items.value.find(({ metadata }) => keyText(metadata) === key) };
}

function kindsOf(cluster: Cluster | undefined): readonly Kind[] {
  return cluster === undefined ? [] : ([cluster.nodes, cluster.pods, cluster.services, ...cluster.workloads] as Kind[]);
}
