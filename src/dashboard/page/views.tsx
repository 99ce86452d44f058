import type { Deployment } from '../../api/apps/v1/types.ts';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { nodeState, podState, serviceState } from '../state/attention.ts';
import { bytesText, coresText } from '../state/node-usage.ts';
import { lastRestart } from '../state/restarts.ts';
import { rolloutOf } from '../state/rollout.ts';
import { shareTone } from '../state/tone.ts';
import { KindTable, type Column } from './kind-table.tsx';
import { Age, Meter, Pill } from './parts.tsx';
import type { Session } from './session.ts';

interface ViewProps {
  readonly session: Session;
}

export function NodesView({ session }: ViewProps) {
  const { cluster } = session;
  const usage = ({ metadata }: KubeObject) => cluster.usages.value.get(metadata.name);
  const meter = (name: 'pods' | 'cpu' | 'memory', label: string, text: (amount: number) => string): Column<Node> => ({
    name: label,
    show(row) {
      const shares = usage(row);
      return shares && <Meter label={`${label} of ${row.metadata.name}`} share={shares[name]} text={text} />;
    },
  });
  const columns: Column<Node>[] = [
    { name: 'Status', show: (row) => <State {...nodeState(row)} /> },
    meter('pods', 'Pods', String),
    meter('cpu', 'CPU requests', coresText),
    meter('memory', 'Memory requests', bytesText),
  ];
  return <KindTable session={session} title="Nodes" kind={cluster.nodes} columns={columns} wide={['Internal-IP']} />;
}

const titles: Readonly<Record<string, string>> = {
  deployments: 'Deployments',
  statefulsets: 'StatefulSets',
  daemonsets: 'DaemonSets',
  replicasets: 'ReplicaSets',
};

export function WorkloadsView({ session }: ViewProps) {
  const { cluster } = session;
  return (
    <>
      {cluster.workloads.value.map((kind) => {
        const { resource } = kind.type;
        const columns = (resource === 'deployments' ? deploymentColumns : []) as Column<KubeObject>[];
        const title = titles[resource] ?? kind.type.kind;
        return <KindTable key={resource} session={session} title={title} kind={kind} columns={columns} />;
      })}
    </>
  );
}

const deploymentColumns: readonly Column<Deployment>[] = [
  { name: 'Ready', show: (_, cell) => <Pill tone={shareTone(cell)}>{cell}</Pill> },
  { name: 'Rollout', show: ({ object }) => <State {...rolloutOf(object)} /> },
];

export function PodsView({ session }: ViewProps) {
  const columns: Column<Pod>[] = [
    { name: 'Status', show: (row) => <State {...podState(row)} /> },
    {
      name: 'Restarts',
      show({ object }, cell) {
        const since = lastRestart(object);
        const [count] = cell.split(' ');
        if (since === undefined || count === '0') return count;
        return (
          <>
            {count} (<Age session={session} since={since} /> ago)
          </>
        );
      },
    },
  ];
  return (
    <KindTable session={session} title="Pods" kind={session.cluster.pods} columns={columns} wide={['IP', 'Node']} />
  );
}

export function ServicesView({ session }: ViewProps) {
  const { cluster } = session;
  const columns: Column<Service>[] = [
    { name: 'Endpoints ready', show: (row) => <State {...serviceState(row, cluster.endpoints.value)} /> },
  ];
  return <KindTable session={session} title="Services" kind={cluster.services} columns={columns} />;
}

function State({ tone, text }: { tone: Parameters<typeof Pill>[0]['tone']; text: string }) {
  return text === '–' ? <span class="muted">–</span> : <Pill tone={tone}>{text}</Pill>;
}
