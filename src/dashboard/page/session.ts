import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { followCluster, type Cluster } from '../state/cluster.ts';
import { rowMatcher, type Filter } from '../state/filter.ts';
import type { ServedKind } from '../state/kinds.ts';
import { createProxyTransport, type Reach } from '../state/proxy-transport.ts';
import { parseRoute, routeText, type Opened, type Route } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';

const tickMs = 1000;

/** What all parts of the page share. */
export interface Session {
  readonly cluster: Cluster;
  readonly reach: ReadonlySignal<Reach>;
  readonly route: ReadonlySignal<Route>;
  readonly filter: Signal<Filter>;
  /** Whether the filter lets a row through. */
  readonly matches: ReadonlySignal<(row: Readonly<Row>) => boolean>;
  readonly clock: Clock;
  /** Wall time, once a second. */
  readonly now: ReadonlySignal<number>;
}

/** Begins to follow the cluster behind the page's own origin, for as long as the page is open. */
export function openSession(): Session {
  const clock = systemClock;
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
  const filter = signal({ namespace: '', text: '' });
  return { cluster, reach, route, filter, matches: computed(() => rowMatcher(filter.value)), clock, now };
}

/** The address that opens an object's details beside what is shown. */
export function linkTo({ route }: Session, open: Opened): string {
  return routeText({ ...route.value, open });
}

export function closeDetails({ route }: Session): void {
  const { open: _, ...shown } = route.peek();
  location.hash = routeText(shown);
}

/** The kind of this name, as far as the server has it and has said so. */
export function servedKind({ cluster }: Session, id: string | undefined): ServedKind | undefined {
  return cluster.kinds.value.find((kind) => kind.id === id);
}
