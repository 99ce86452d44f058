import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Event, Pod } from '../../api/core/v1/types.ts';
import { controllerOf, type KubeObject, type OwnerReference } from '../../apimachinery/object.ts';
import { lastSeen } from '../state/events.ts';
import { factsOf } from '../state/facts.ts';
import { containersOf } from '../state/containers.ts';
import { conditionTone } from '../state/tone.ts';
import { Age, Facts, Pill } from './parts.tsx';
import { closeDetails, kindsOf, linkTo, openedIn, type Session } from './session.ts';

/** The opened object beside the tables: what it is called, how it is, and what happened to it. */
export function Details({ session }: { session: Session }) {
  const { open } = session.route.value;
  if (open === undefined) return null;
  return <Panel key={JSON.stringify(open)} session={session} />;
}

function Panel({ session }: { session: Session }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { open } = session.route.value;
  const opened = openedIn(session);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
  }, []);
  const object = opened?.row?.object;
  const isKnown = opened?.kind.synced.value === true;
  return (
    <aside class="details" aria-labelledby="opened" onKeyDown={({ key }) => key === 'Escape' && closeDetails(session)}>
      <header>
        <p class="muted">
          {object?.kind ?? open?.resource}
          {open?.namespace !== undefined && ` in ${open.namespace}`}
        </p>
        <h2 id="opened" ref={heading} tabIndex={-1}>
          {open?.name}
        </h2>
        <button type="button" class="close" onClick={() => closeDetails(session)} aria-label="Close details">
          ✕
        </button>
      </header>
      {object === undefined ? (
        <p class="empty">{isKnown ? 'It is not there, or no more.' : 'Loading…'}</p>
      ) : (
        <Parts session={session} object={object} />
      )}
    </aside>
  );
}

interface PartsProps {
  readonly session: Session;
  readonly object: Readonly<KubeObject>;
}

function Parts({ session, object }: PartsProps) {
  const { metadata, status } = object as KubeObject & { status?: { conditions?: Condition[] } };
  const owner = controllerOf(object);
  return (
    <>
      <Facts
        facts={[
          ['Age', <Age session={session} since={metadata.creationTimestamp} />],
          ['Being deleted', metadata.deletionTimestamp && <Age session={session} since={metadata.deletionTimestamp} />],
          ['Controlled by', owner && <Owner session={session} owner={owner} namespace={metadata.namespace} />],
          ...factsOf(object),
        ]}
      />
      <Labels title="Labels" values={metadata.labels} />
      {object.kind === 'Pod' && <Containers pod={object as Pod} />}
      <Conditions session={session} conditions={status?.conditions ?? []} />
      <EventList session={session} object={object} />
    </>
  );
}

function Owner({ session, owner, namespace }: { session: Session; owner: OwnerReference; namespace?: string }) {
  const kind = kindsOf(session).find(({ type }) => type.kind === owner.kind);
  const text = `${owner.kind} ${owner.name}`;
  if (kind === undefined) return <>{text}</>;
  return <a href={linkTo(session, { resource: kind.type.resource, name: owner.name, namespace })}>{text}</a>;
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

function EventList({ session, object }: PartsProps) {
  const { uid } = object.metadata;
  const stop = useMemo(() => new AbortController(), [uid]);
  const events = useMemo(() => session.cluster.eventsOf(object, stop.signal), [stop]);
  useEffect(() => () => stop.abort(), [stop]);
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
