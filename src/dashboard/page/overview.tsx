import { concernsIn, type Concern } from '../state/concerns.ts';
import { isFiltering } from '../state/filter.ts';
import { judges } from '../state/judges.ts';
import { titleOf } from '../state/kinds.ts';
import { routeText, type Route } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';
import type { Kind } from '../state/tables.ts';
import type { Tone } from '../state/tone.ts';
import type { Unread } from '../state/unread.ts';
import { RowLink } from './columns.tsx';
import { Pill } from './parts.tsx';
import type { Session } from './session.ts';
import { NodesView } from './views.tsx';

const mostConcerns = 12;

/** How the cluster is at a glance: counts, what is not well, and the nodes. */
export function Overview({ session }: { session: Session }) {
  const { judged, around, unread } = session.cluster;
  const filter = session.filter.value;
  const shown = judged.value.map((kind) => {
    const all = kind.items.value;
    const isFiltered = isFiltering(filter, kind.type.namespaced);
    return { id: kind.id, kind, rows: isFiltered ? all.filter(session.matches.value) : all };
  });
  return (
    <>
      <div class="cards">
        {shown
          .filter(({ id, rows }) => always.has(id) || (rows.length > 0 && id !== 'namespaces'))
          .map(({ id, kind, rows }) => (
            <Card key={id} kind={kind} tones={rows.map((row) => judges[id]!(row, around.value).tone)} />
          ))}
      </div>
      <Concerns
        session={session}
        concerns={concernsIn(shown, around.value)}
        unread={unread.value}
        isFiltered={isFiltering(filter, true)}
      />
      <NodesView session={session} />
    </>
  );
}

/** Others are worth a card when there are any. */
const always = new Set(['nodes', 'deployments.apps', 'pods', 'services']);

const toneNames: Readonly<Record<Tone, string>> = {
  good: 'well',
  busy: 'on the way',
  bad: 'in trouble',
  plain: 'at rest',
};
const ownNames: Readonly<Record<string, Partial<Record<Tone, string>>>> = {
  nodes: { good: 'ready', busy: 'cordoned', bad: 'not ready', plain: 'other' },
  'deployments.apps': { good: 'complete', busy: 'rolling out', bad: 'stuck' },
  'replicasets.apps': { plain: 'of others' },
  pods: { good: 'ready', plain: 'completed' },
  'jobs.batch': { bad: 'failed' },
  services: { good: 'ready', busy: 'partly ready', bad: 'without endpoints', plain: 'without selector' },
  persistentvolumeclaims: { good: 'bound', busy: 'waiting', plain: 'waiting for pods' },
};
const ownViews: Readonly<Record<string, Route>> = { pods: { view: 'pods' }, services: { view: 'services' } };
const order = ['good', 'busy', 'bad', 'plain'] as const;

function Card({ kind, tones }: { readonly kind: Kind; readonly tones: readonly Tone[] }) {
  const counts: Record<Tone, number> = { good: 0, busy: 0, bad: 0, plain: 0 };
  for (const tone of tones) counts[tone]++;
  const parts = order.filter((tone) => counts[tone] > 0);
  const text = parts.map((tone) => `${counts[tone]} ${ownNames[kind.id]?.[tone] ?? toneNames[tone]}`).join(', ');
  return (
    <a class="card" href={routeText(ownViews[kind.id] ?? { view: 'kinds', kind: kind.id })}>
      <span class="title">{titleOf(kind.type)}</span>
      <span class="figure">{kind.synced.value ? tones.length : '…'}</span>
      <span class="split" aria-hidden="true">
        {parts.map((tone) => (
          <span key={tone} class={tone} style={{ flexGrow: counts[tone] }} />
        ))}
      </span>
      <span class="muted">{text === '' ? 'none' : text}</span>
    </a>
  );
}

interface ConcernsProps {
  readonly session: Session;
  readonly concerns: readonly Concern[];
  /** That nothing was found says something only where there is none. */
  readonly unread: readonly Unread[];
  readonly isFiltered: boolean;
}

function Concerns({ session, concerns, unread, isFiltered }: ConcernsProps) {
  const isReached = session.reach.value === 'reached';
  return (
    <section class="kind" aria-labelledby="concerns">
      <h2 id="concerns">
        Not settled <span class="count">{concerns.length}</span>
      </h2>
      {unread.length > 0 && <NotRead unread={unread} />}
      {concerns.length > 0 ? (
        <ul class="concerns">
          {concerns.slice(0, mostConcerns).map((concern) => (
            <ConcernLine key={concern.row.metadata.uid} session={session} {...concern} />
          ))}
          {concerns.length > mostConcerns && <li class="muted">and {concerns.length - mostConcerns} more</li>}
        </ul>
      ) : (
        unread.length === 0 && (
          <p class={isReached ? 'empty calm' : 'empty'}>
            {isFiltered ? 'Everything that matches the filter' : 'Everything'}
            {isReached ? ' is well.' : ' was well when it was last read.'}
          </p>
        )
      )}
    </section>
  );
}

function ConcernLine({ session, id, row, tone, text }: { readonly session: Session } & Concern) {
  const { kind, metadata } = row as Row;
  return (
    <li>
      <RowLink session={session} id={id} row={row} text={metadata.name} />
      <span class="muted">
        {kind}
        {metadata.namespace !== undefined && ` in ${metadata.namespace}`}
      </span>
      <Pill tone={tone}>{text}</Pill>
    </li>
  );
}

function NotRead({ unread }: { readonly unread: readonly Unread[] }) {
  const reasons = unread.filter(({ why }) => why !== undefined);
  return (
    <div class="empty">
      <p>Not everything could be read yet: {unread.map(({ what }) => what).join(', ')}.</p>
      {reasons.map(({ what, why }) => (
        <p key={what} class="mono">
          {why}
        </p>
      ))}
    </div>
  );
}
