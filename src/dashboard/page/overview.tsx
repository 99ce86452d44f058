import type { KubeObject } from '../../apimachinery/object.ts';
import { concernsIn, nodeState, podState, serviceState, type Concern } from '../state/attention.ts';
import { isAllRead, type Kind } from '../state/cluster.ts';
import { rowMatcher } from '../state/filter.ts';
import { rolloutOf } from '../state/rollout.ts';
import type { View } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';
import type { Tone } from '../state/tone.ts';
import { Pill } from './parts.tsx';
import { linkTo, type Session } from './session.ts';
import { NodesView } from './views.tsx';

const mostConcerns = 12;

/** How the cluster is at a glance: counts, what is not well, and the nodes. */
export function Overview({ session }: { session: Session }) {
  const { nodes, deployments, pods, services, endpoints } = session.cluster;
  const shares = endpoints.value;
  const matches = rowMatcher(session.filter.value);
  const shown = <T extends KubeObject>({ items }: Kind<T>): Readonly<Row<T>>[] => items.value.filter(matches);
  const seen = {
    nodes: shown(nodes),
    deployments: shown(deployments),
    pods: shown(pods),
    services: shown(services),
    endpoints: shares,
  };
  return (
    <>
      <div class="cards">
        <Card title="Nodes" kind={nodes} tones={seen.nodes.map((row) => nodeState(row).tone)} words={nodeWords} />
        <Card
          title="Deployments"
          kind={deployments}
          tones={seen.deployments.map((row) => rolloutOf(row.object).tone)}
          words={deploymentWords}
          view="workloads"
        />
        <Card
          title="Pods"
          kind={pods}
          tones={seen.pods.map((row) => podState(row).tone)}
          words={podWords}
          view="pods"
        />
        <Card
          title="Services"
          kind={services}
          tones={seen.services.map((row) => serviceState(row, shares).tone)}
          words={serviceWords}
          view="services"
        />
      </div>
      <Concerns session={session} concerns={concernsIn(seen)} isAllRead={isAllRead(session.cluster)} />
      <NodesView session={session} />
    </>
  );
}

type Words = Readonly<Record<Tone, string>>;
const nodeWords: Words = { good: 'ready', busy: 'cordoned', bad: 'not ready', plain: 'other' };
const deploymentWords: Words = { good: 'complete', busy: 'rolling out', bad: 'stuck', plain: 'at rest' };
const podWords: Words = { good: 'ready', busy: 'on the way', bad: 'in trouble', plain: 'completed' };
const serviceWords: Words = {
  good: 'ready',
  busy: 'partly ready',
  bad: 'without endpoints',
  plain: 'without selector',
};

interface CardProps {
  readonly title: string;
  readonly kind: Kind<never> | Kind;
  readonly tones: readonly Tone[];
  readonly words: Words;
  readonly view?: View;
}

const order = ['good', 'busy', 'bad', 'plain'] as const;

function Card({ title, kind, tones, words, view }: CardProps) {
  const count = (tone: Tone): number => tones.filter((one) => one === tone).length;
  const parts = order.map((tone) => ({ tone, count: count(tone) })).filter((part) => part.count > 0);
  const text = parts.map((part) => `${part.count} ${words[part.tone]}`).join(', ');
  const content = (
    <>
      <span class="title">{title}</span>
      <span class="figure">{kind.synced.value ? tones.length : '…'}</span>
      <span class="split" aria-hidden="true">
        {parts.map((part) => (
          <span key={part.tone} class={part.tone} style={{ flexGrow: part.count }} />
        ))}
      </span>
      <span class="muted">{text === '' ? 'none' : text}</span>
    </>
  );
  return view === undefined ? (
    <div class="card">{content}</div>
  ) : (
    <a class="card" href={`#${view}`}>
      {content}
    </a>
  );
}

interface ConcernsProps {
  readonly session: Session;
  readonly concerns: readonly Concern[];
  /** That nothing was found says something only then. */
  readonly isAllRead: boolean;
}

function Concerns({ session, concerns, isAllRead }: ConcernsProps) {
  const { namespace, text } = session.filter.value;
  const isFiltered = namespace !== '' || text.trim() !== '';
  return (
    <section class="kind" aria-labelledby="concerns">
      <h2 id="concerns">
        Not settled <span class="count">{concerns.length}</span>
      </h2>
      {concerns.length === 0 ? (
        <p class={isAllRead ? 'empty calm' : 'empty'}>
          {!isAllRead
            ? 'Not everything could be read yet.'
            : isFiltered
              ? 'Everything that matches the filter is well.'
              : 'Everything is well.'}
        </p>
      ) : (
        <ul class="concerns">
          {concerns.slice(0, mostConcerns).map(({ resource, row, tone, text: what }) => (
            <li key={row.metadata.uid}>
              <a class="name" href={linkTo(session, { ...row.metadata, resource })}>
                {row.metadata.name}
              </a>
              <span class="muted">
                {row.kind}
                {row.metadata.namespace !== undefined && ` in ${row.metadata.namespace}`}
              </span>
              <Pill tone={tone}>{what}</Pill>
            </li>
          ))}
          {concerns.length > mostConcerns && <li class="muted">and {concerns.length - mostConcerns} more</li>}
        </ul>
      )}
    </section>
  );
}
