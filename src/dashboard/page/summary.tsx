import type { Event, Pod } from '../../api/core/v1/types.ts';
import { controllerOf, type KubeObject, type OwnerReference } from '../../apimachinery/object.ts';
import { containersOf } from '../state/containers.ts';
import { lastSeen } from '../state/events.ts';
import { factsOf, type Fact } from '../state/facts.ts';
import { conditionTone } from '../state/tone.ts';
import type { Shown } from './details.tsx';
import { Age, Facts, Pill } from './parts.tsx';
import { SecretValues } from './secret-values.tsx';
import { linkTo, type Session } from './session.ts';
import { useLive } from './use-live.ts';

/** What an object is called, how it is, and what happened to it. */
export function SummaryPart({ session, kind, row, object }: Shown) {
  const { metadata, status } = object as KubeObject & { status?: { conditions?: Condition[] } };
  const owner = controllerOf(object);
  const own = factsOf(object);
  return (
    <>
      <Facts
        facts={[
          ['Age', <Age session={session} since={metadata.creationTimestamp} />],
          ['Being deleted', metadata.deletionTimestamp && <Age session={session} since={metadata.deletionTimestamp} />],
          ['Controlled by', owner && <Owner session={session} owner={owner} namespace={metadata.namespace} />],
          ...(own.length > 0 ? own : cellFacts({ session, kind, row })),
        ]}
      />
      <Labels title="Labels" values={metadata.labels} />
      {kind.id === 'secrets' && <SecretValues session={session} object={object} />}
      {kind.id === 'pods' && <Containers pod={object as Pod} />}
      <Conditions session={session} conditions={status?.conditions ?? []} />
      <EventList session={session} object={object} />
    </>
  );
}

/** What kubectl prints of a kind of which the page knows nothing more. */
function cellFacts({ session, kind, row }: Pick<Shown, 'session' | 'kind' | 'row'>): Fact[] {
  return session.cluster
    .columnsOf(kind.type)
    .value.map(({ name }, at): Fact => [name, String(row.cells[at] ?? '')])
    .filter(([name]) => name !== 'Name' && name !== 'Age');
}

function Owner({ session, owner, namespace }: { session: Session; owner: OwnerReference; namespace?: string }) {
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.split('/')[0]! : '';
  const kind = session.cluster.kinds.value.find(({ type }) => type.kind === owner.kind && type.group === group);
  const text = `${owner.kind} ${owner.name}`;
  if (kind === undefined) return <>{text}</>;
  const scope = kind.type.namespaced && namespace !== undefined ? { namespace } : {};
  return <a href={linkTo(session, { id: kind.id, name: owner.name, ...scope })}>{text}</a>;
}

function Labels({ title, values = {} }: { title: string; values?: Readonly<Record<string, string>> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul class="labels">
        {entries.map(([name, value]) => (
          <li key={name}>
            <span class="muted">{name}</span>
            {value !== '' && `=${value}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Containers({ pod }: { pod: Readonly<Pod> }) {
  return (
    <section>
      <h3>Containers</h3>
      <ul class="lines">
        {containersOf(pod).map(({ name, image, state, tone, restarts }) => (
          <li key={name}>
            <span class="line">
              <strong>{name}</strong> <Pill tone={tone}>{state}</Pill>
              {restarts > 0 && <span class="muted">{restarts} restarts</span>}
            </span>
            <span class="muted mono">{image}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

function Conditions({ session, conditions }: { session: Session; conditions: readonly Condition[] }) {
  if (conditions.length === 0) return null;
  return (
    <section>
      <h3>Conditions</h3>
      <ul class="lines">
        {conditions.map(({ type, status, reason, message, lastTransitionTime }) => (
          <li key={type}>
            <span class="line">
              <strong>{type}</strong> <Pill tone={conditionTone(type, status)}>{status}</Pill>
              <span class="muted">{reason}</span>
              <span class="muted end">
                <Age session={session} since={lastTransitionTime} />
              </span>
            </span>
            {message !== undefined && message !== '' && <span class="muted">{message}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function EventList({ session, object }: { session: Session; object: Readonly<KubeObject> }) {
  const events = useLive(object.metadata.uid ?? '', (signal) => session.cluster.eventsOf(object, signal));
  const items = events.items.value.toSorted((a, b) => (lastSeen(a) < lastSeen(b) ? 1 : -1));
  return (
    <section>
      <h3>Events</h3>
      {items.length === 0 && (
        <p class="muted">{events.synced.value ? 'None.' : (events.problem.value ?? 'Loading…')}</p>
      )}
      <ul class="lines">
        {items.map((event) => (
          <EventLine key={event.metadata.uid} session={session} event={event} />
        ))}
      </ul>
    </section>
  );
}

function EventLine({ session, event }: { session: Session; event: Readonly<Event> }) {
  const count = event.series?.count ?? event.count ?? 1;
  return (
    <li>
      <span class="line">
        <strong>{event.reason}</strong>
        {event.type === 'Warning' && <Pill tone="bad">Warning</Pill>}
        {count > 1 && <span class="muted">{count} times</span>}
        <span class="muted end">
          <Age session={session} since={lastSeen(event)} />
        </span>
      </span>
      <span>{event.message}</span>
      <span class="muted">{event.reportingComponent || event.source?.component}</span>
    </li>
  );
}
