import { computed, signal, type Signal } from '@preact/signals';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import type { Cluster } from '../../state/cluster.ts';
import { rowMatcher, type Filter } from '../../state/filter.ts';
import { kindsIn, type ServedKind } from '../../state/kinds.ts';
import type { Reach } from '../../state/proxy-transport.ts';
import type { Route } from '../../state/route.ts';
import type { Cell, Row, TableColumn } from '../../state/table-rows.ts';
import type { Kind } from '../../state/tables.ts';
import type { Unread } from '../../state/unread.ts';
import type { Session } from '../session.ts';

/** A session whose values tests set. */
export interface TestSession extends Session {
  readonly route: Signal<Route>;
  readonly reach: Signal<Reach>;
  readonly unread: Signal<readonly Unread[]>;
}

/** A session that shows a cluster of these parts; a part that is left out must not be asked for. */
export function sessionOf(cluster: Partial<Cluster> = {}, route: Route = { view: 'overview' }): TestSession {
  const clock = new VirtualClock(Date.parse('2026-01-01T01:00:00Z'));
  const filter = signal<Filter>({ namespace: '', text: '' });
  const unread = signal<readonly Unread[]>([]);
  const nothing: Partial<Cluster> = {
    version: signal('v1.36.0'),
    kinds: signal([]),
    namespaces: signal([]),
    usages: signal(new Map()),
    around: signal({ endpoints: new Map(), patientClasses: new Set() }),
    judged: signal([]),
    nodes: kindOf(servedKind('nodes', 'Node', false)).kind as Cluster['nodes'],
    unread,
  };
  return {
    cluster: { ...nothing, ...cluster } as Cluster,
    reach: signal<Reach>('reached'),
    route: signal(route),
    filter,
    matches: computed(() => rowMatcher(filter.value)),
    clock,
    now: signal(clock.now()),
    unread,
  };
}

/** `jobs.batch` and the like, as discovery tells of them. */
export function servedKind(id: string, kind: string, namespaced = true): ServedKind {
  const [resource = '', ...group] = id.split('.');
  const scope = namespaced ? 'Namespaced' : 'Cluster';
  const discovered = { resource, responseKind: { kind }, scope, verbs: ['list', 'watch'] } as const;
  const versions = [{ version: 'v1', resources: [discovered] }];
  return kindsIn({ items: [{ metadata: { name: group.join('.') }, versions }] })[0]!;
}

/** A kind and the signals that tests set of it. */
export function kindOf<E = unknown>({ id, type }: ServedKind, rows: readonly Row<E>[] = [], ...names: string[]) {
  const items = signal<readonly Row<E>[]>(rows);
  const synced = signal(true);
  const problem = signal<string | undefined>(undefined);
  const progress = signal('');
  const columns = signal<readonly TableColumn[]>(names.map(columnOf));
  const kind: Kind<E> = { id, type, items, synced, problem, progress, columns };
  return { kind, items, synced, problem, progress };
}

/** `IP+` is a wide column. */
function columnOf(name: string): TableColumn {
  return { name: name.replace('+', ''), priority: name.endsWith('+') ? 1 : 0 };
}

/** A row, by `namespace/name`. */
export function row<E = unknown>(key: string, cells: readonly Cell[] = [], extract?: E): Row<E> {
  const [name, namespace] = key.split('/').reverse();
  const metadata: KubeObject['metadata'] = {
    name: name!,
    uid: key,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(namespace !== undefined && { namespace }),
  };
  return { metadata, cells: [name!, ...cells], extract: extract as E };
}
