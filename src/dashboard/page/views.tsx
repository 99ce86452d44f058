import type { EventExtract, NodeExtract, PodExtract } from '../state/extracts.ts';
import { nodeState, podState, serviceState, type State } from '../state/judges.ts';
import type { ServedKind } from '../state/kinds.ts';
import { bytesText, coresText } from '../state/node-usage.ts';
import type { Rollout } from '../state/rollout.ts';
import { shareTone } from '../state/tone.ts';
import { RowLink, type Column } from './columns.tsx';
import { KindTable } from './kind-table.tsx';
import { Age, Meter, Pill } from './parts.tsx';
import { linkTo, servedKind, type Session } from './session.ts';
import { useLive } from './use-live.ts';

interface ViewProps {
  readonly session: Session;
}

export function NodesView({ session }: ViewProps) {
  return <KindTable session={session} kind={session.cluster.nodes} columns={nodeColumns} wide={nodeWide} />;
}

const meter = (
  name: 'pods' | 'cpu' | 'memory',
  label: string,
  text: (amount: number) => string,
): Column<NodeExtract> => ({
  name: label,
  show({ metadata }, _, { cluster }) {
    const shares = cluster.usages.value.get(metadata.name);
    return shares && <Meter label={`${label} of ${metadata.name}`} share={shares[name]} text={text} />;
  },
});
const nodeColumns: readonly Column<NodeExtract>[] = [
  { name: 'Status', show: (row) => <StatePill {...nodeState(row)} /> },
  meter('pods', 'Pods', String),
  meter('cpu', 'CPU requests', coresText),
  meter('memory', 'Memory requests', bytesText),
];
const nodeWide = ['Internal-IP'];

/** What runs pods, and what has a say in it. */
export function WorkloadsView({ session }: ViewProps) {
  const shown = session.cluster.kinds.value.filter(({ id, section }) => section === 'Workloads' && !notShown.has(id));
  return (
    <>
      {shown.length === 0 && <p class="empty">Loading…</p>}
      {shown.toSorted(byImportance).map((kind) => (
        <OneKind key={kind.id} session={session} kind={kind} />
      ))}
    </>
  );
}

const notShown = new Set(['pods', 'podtemplates', 'controllerrevisions.apps']);
const important = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'replicasets.apps',
];

function byImportance({ id: a }: ServedKind, { id: b }: ServedKind): number {
  const place = (id: string): number => (important.includes(id) ? important.indexOf(id) : important.length);
  return place(a) - place(b);
}

/** The table of any kind, followed for as long as it is shown. */
export function OneKind({ session, kind: served }: ViewProps & { readonly kind: ServedKind }) {
  const kind = useLive(served.id, (signal) => session.cluster.kind(served, signal));
  const columns = ownColumns[served.id];
  return <KindTable session={session} kind={kind} {...(columns && { columns })} />;
}

const deploymentColumns: readonly Column<Rollout>[] = [
  { name: 'Ready', show: (_, cell) => <Pill tone={shareTone(cell)}>{cell}</Pill> },
  { name: 'Rollout', show: ({ extract }) => <StatePill {...extract} /> },
];

const eventColumns: readonly Column<EventExtract>[] = [
  { name: 'Last Seen', show: ({ extract }, _, session) => <Age session={session} since={extract.lastSeen} /> },
  { name: 'Type', show: ({ extract }, cell) => <Pill tone={extract.isWarning ? 'bad' : 'plain'}>{cell}</Pill> },
  { name: 'Reason', show: (row, cell, session) => <RowLink session={session} id="events" row={row} text={cell} /> },
  {
    name: 'Object',
    show: ({ metadata }, cell, session) => <ObjectLink session={session} text={cell} namespace={metadata.namespace} />,
  },
  { name: 'Message', show: (_, cell) => <span class="message">{cell}</span> },
];

/** What an event is about: `pod/web`. */
function ObjectLink({ session, text, namespace }: ViewProps & { readonly text: string; readonly namespace?: string }) {
  const [singular, name = ''] = text.split('/');
  const kind = session.cluster.kinds.value.find(({ type }) => type.kind.toLowerCase() === singular);
  if (kind === undefined || name === '') return <>{text}</>;
  const scope = kind.type.namespaced && namespace !== undefined ? { namespace } : {};
  return <a href={linkTo(session, { id: kind.id, name, ...scope })}>{text}</a>;
}

const podColumns: readonly Column<PodExtract>[] = [
  // What has completed is not ready, and well: the status says how a pod is.
  { name: 'Ready', show: (_, cell) => cell },
  { name: 'Status', show: (row) => <StatePill {...podState(row)} /> },
  {
    name: 'Restarts',
    show({ extract: { restarted } }, cell, session) {
      const [count] = cell.split(' ');
      if (restarted === undefined || count === '0') return count;
      return (
        <>
          {count} (<Age session={session} since={restarted} /> ago)
        </>
      );
    },
  },
];
const podWide = ['IP', 'Node'];

export function PodsView({ session }: ViewProps) {
  return <KindTable session={session} kind={session.cluster.pods} columns={podColumns} wide={podWide} />;
}

const serviceColumns: readonly Column[] = [
  {
    name: 'Endpoints ready',
    show: (row, _, { cluster }) => <StatePill {...serviceState(row, cluster.around.value)} />,
  },
];

export function ServicesView({ session }: ViewProps) {
  return <KindTable session={session} kind={session.cluster.services} columns={serviceColumns} />;
}

export function EventsView({ session }: ViewProps) {
  const kind = servedKind(session, 'events');
  return kind === undefined ? <p class="empty">Loading…</p> : <OneKind session={session} kind={kind} />;
}

const ownColumns = {
  'deployments.apps': deploymentColumns,
  events: eventColumns,
  nodes: nodeColumns,
  pods: podColumns,
  services: serviceColumns,
} as Readonly<Record<string, readonly Column[]>>;

function StatePill({ tone, text }: State) {
  return text === '–' ? <span class="muted">–</span> : <Pill tone={tone}>{text}</Pill>;
}
