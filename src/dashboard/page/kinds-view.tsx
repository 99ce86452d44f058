import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { titleOf, type ServedKind } from '../state/kinds.ts';
import { routeText } from '../state/route.ts';
import { servedKind, type Session } from './session.ts';
import { OneKind } from './views.tsx';

/** Every kind that the server has, and the objects of the one that is chosen. */
export function KindsView({ session }: { session: Session }) {
  const { kind: id } = session.route.value;
  if (id === undefined) return <AllKinds session={session} />;
  const kind = servedKind(session, id);
  return (
    <>
      <p class="back">
        <a href={routeText({ view: 'kinds' })}>All kinds</a>
      </p>
      {kind === undefined ? (
        <p class="empty">{session.cluster.kinds.value.length === 0 ? 'Loading…' : `The server has no ${id}.`}</p>
      ) : (
        <OneKind key={id} session={session} kind={kind} />
      )}
    </>
  );
}

function AllKinds({ session }: { session: Session }) {
  const kinds = session.cluster.kinds.value;
  const { namespace, text } = session.filter.value;
  const counts = useCounts(session, kinds, namespace);
  const words = text.toLowerCase().split(/\s+/);
  const shown = kinds.filter(({ id, type }) =>
    words.every((word) => `${id} ${type.kind.toLowerCase()}`.includes(word)),
  );
  const sections = Map.groupBy(shown, ({ section }) => section);
  if (shown.length === 0) return <p class="empty">{kinds.length === 0 ? 'Loading…' : 'No kinds match the filter.'}</p>;
  return (
    <div class="kinds">
      {[...sections].map(([section, inIt]) => (
        <section key={section} aria-label={section}>
          <h2>{section}</h2>
          <ul>
            {inIt.map((kind) => (
              <li key={kind.id}>
                <a href={routeText({ view: 'kinds', kind: kind.id })}>{titleOf(kind.type)}</a>
                {kind.section !== kind.type.group && <span class="muted group">{kind.type.group}</span>}
                <Count counts={counts} id={kind.id} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

type Counts = ReadonlySignal<ReadonlyMap<string, string>>;

function Count({ counts, id }: { counts: Counts; id: string }) {
  return <span class="count">{counts.value.get(id)}</span>;
}

/** So many kinds are counted at once. */
const atOnce = 3;

/** How many of each kind there are, as the server counts them; asked for when the list is opened. */
function useCounts({ cluster }: Session, kinds: readonly ServedKind[], namespace: string): Counts {
  const counts = useMemo(() => signal<ReadonlyMap<string, string>>(new Map()), []);
  useEffect(() => {
    let isGone = false;
    const waiting = kinds.values();
    const count = async (): Promise<void> => {
      for (const kind of waiting) {
        if (isGone) return;
        const found = await cluster.count(kind, namespace).then(
          (number) => (number === undefined ? '' : String(number)),
          () => '–',
        );
        if (!isGone) counts.value = new Map(counts.peek()).set(kind.id, found);
      }
    };
    for (let line = 0; line < atOnce; line++) void count();
    return () => {
      isGone = true;
    };
  }, [kinds, namespace]);
  return counts;
}
