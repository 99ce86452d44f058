import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { keyText } from '../../apimachinery/object.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { followCluster, type Cluster, type Kind } from '../state/cluster.ts';
import type { Filter } from '../state/filter.ts';
import { createProxyTransport, type Reach } from '../state/proxy-transport.ts';
import { parseRoute, routeText, type Opened, type Route } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';

const clock = systemClock;
const tickMs = 1000;

/** What all parts of the page share. */
export interface Session {
  readonly cluster: Cluster;
  readonly reach: ReadonlySignal<Reach>;
  readonly route: ReadonlySignal<Route>;
  readonly filter: Signal<Filter>;
  /** Wall time, once a second. */
  readonly now: ReadonlySignal<number>;
}

/** Begins to follow the cluster behind the page's own origin, for as long as the page is open. */
export function openSession(): Session {
  const reach = signal<Reach>('reached');
  const route = signal(parseRoute(location.hash));
  addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));
  const now = signal(clock.now());
  const tick = (): void => {
    if (!document.hidden) now.value = clock.now();
    clock.setTimer(tickMs, tick);
  };
  tick();
  const transport = createProxyTransport(location.origin, (heard) => (reach.value = heard));
  const cluster = followCluster(transport, { clock, random: systemRandom, signal: new AbortController().signal });
  return { cluster, reach, route, filter: signal({ namespace: '', text: '' }), now };
}

/** The address that opens an object's details beside what is shown. */
export function linkTo({ route }: Session, opened: Opened): string {
  return routeText({ view: route.value.view, open: opened });
}

export function closeDetails({ route }: Session): void {
  location.hash = routeText({ view: route.peek().view });
}

/** The kind and the row of the opened object; the row is absent when there is no such object, any more or yet. */
export function openedIn(session: Session): { kind: Kind; row: Readonly<Row> | undefined } | undefined {
  const { open } = session.route.value;
  const kind = kindsOf(session).find(({ type }) => type.resource === open?.resource);
  if (open === undefined || kind === undefined) return undefined;
  const key = keyText(open);
  return { kind, row: kind.items.value.find(({ metadata }) => keyText(metadata) === key) };
}

export function kindsOf({ cluster: { nodes, pods, services, workloads } }: Session): readonly Kind[] {
  return [nodes, pods, services, ...workloads.value] as readonly Kind[];
}
