import { useEffect, useRef } from 'preact/hooks';
import { keyText, type KubeObject } from '../../apimachinery/object.ts';
import type { ServedKind } from '../state/kinds.ts';
import type { Opened, Part } from '../state/route.ts';
import type { Row } from '../state/table-rows.ts';
import { LogsPart } from './logs.tsx';
import { closeDetails, linkTo, servedKind, type Session } from './session.ts';
import { SummaryPart } from './summary.tsx';
import { useLive } from './use-live.ts';
import { YamlPart } from './yaml.tsx';

/** An object with the row that kubectl prints of it; of a Secret the row alone, as nobody has asked for its values. */
export interface Shown {
  readonly session: Session;
  readonly kind: ServedKind;
  readonly row: Readonly<Row>;
  /** Of a Secret its names and metadata only. */
  readonly object: Readonly<KubeObject>;
}

/** The opened object beside the tables: what it is called, how it is, what happened to it, its text and its logs. */
export function Details({ session }: { session: Session }) {
  const { open } = session.route.value;
  if (open === undefined) return null;
  return <Panel key={JSON.stringify([open.id, keyText(open)])} session={session} open={open} />;
}

function Panel({ session, open }: { session: Session; open: Opened }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const kind = servedKind(session, open.id);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
  }, []);
  return (
    <aside
      class={open.part === undefined ? 'details' : 'details wide'}
      aria-labelledby="opened"
      onKeyDown={({ key }) => key === 'Escape' && closeDetails(session)}
    >
      <header>
        <p class="muted">
          {kind?.type.kind ?? open.id}
          {open.namespace !== undefined && ` in ${open.namespace}`}
        </p>
        <h2 id="opened" ref={heading} tabIndex={-1}>
          {open.name}
        </h2>
        <button type="button" class="close" onClick={() => closeDetails(session)} aria-label="Close details">
          ✕
        </button>
      </header>
      <Parts session={session} open={open} />
      {kind === undefined ? (
        <p class="empty">{session.cluster.kinds.value.length === 0 ? 'Loading…' : `The server has no ${open.id}.`}</p>
      ) : (
        <Content session={session} open={open} kind={kind} />
      )}
    </aside>
  );
}

const partNames: readonly (readonly [part: Part | undefined, name: string])[] = [
  [undefined, 'Summary'],
  ['yaml', 'YAML'],
  ['logs', 'Logs'],
];

function Parts({ session, open }: { session: Session; open: Opened }) {
  const { part: present, ...object } = open;
  const shown = partNames.filter(([part]) => part !== 'logs' || open.id === 'pods');
  return (
    <nav class="parts" aria-label="Parts">
      {shown.map(([part, name]) => (
        <a
          key={name}
          href={linkTo(session, { ...object, ...(part && { part }) })}
          aria-current={part === present ? 'page' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

function Content({ session, open, kind }: { session: Session; open: Opened; kind: ServedKind }) {
  const live = useLive(kind.id, (signal) => session.cluster.object(kind, open, signal));
  const [row] = live.items.value;
  if (row === undefined)
    return (
      <p class="empty">{live.synced.value ? 'It is not there, or no more.' : (live.problem.value ?? 'Loading…')}</p>
    );
  const { apiVersion, kind: word, metadata } = row;
  const object = row.extract ?? ({ apiVersion, kind: word, metadata } as KubeObject);
  const shown = { session, kind, row, object };
  if (open.part === 'yaml') return <YamlPart {...shown} />;
  return open.part === 'logs' && open.id === 'pods' ? <LogsPart {...shown} /> : <SummaryPart {...shown} />;
}
