import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { keyText, type KubeObject } from '../../apimachinery/object.ts';
import type { Kind } from '../state/cluster.ts';
import { rowMatcher } from '../state/filter.ts';
import type { Row } from '../state/table-rows.ts';
import { Age } from './parts.tsx';
import { linkTo, type Session } from './session.ts';

/** A column of our own, or what to show instead of the server's cell. */
export interface Column<T extends KubeObject> {
  readonly name: string;
  show(row: Readonly<Row<T>>, cell: string): ComponentChildren;
}

export interface KindTableProps<T extends KubeObject> {
  readonly session: Session;
  readonly title: string;
  readonly kind: Kind<T>;
  /** The server's columns to show although it calls them wide. */
  readonly wide?: readonly string[];
  /** Those named as one of the server's replace it, others come last but for the age. */
  readonly columns?: readonly Column<T>[];
  readonly note?: ComponentChildren;
}

const firstRows = 200;

/** A live table of one kind: the columns that kubectl prints, in the server's own words, and some of ours. */
export function KindTable<T extends KubeObject>(props: KindTableProps<T>) {
  const { session, title, kind, note } = props;
  const limit = useSignal(firstRows);
  const filter = session.filter.value;
  const isFiltered = filter.text.trim() !== '' || (kind.type.namespaced && filter.namespace !== '');
  const all = kind.items.value;
  const rows = isFiltered ? all.filter(rowMatcher(filter)) : all;
  const id = `table-${kind.type.resource}`;
  return (
    <section class="kind" aria-labelledby={id}>
      <h2 id={id}>
        {title} <span class="count">{isFiltered ? `${rows.length} of ${all.length}` : all.length}</span>
        {note}
      </h2>
      {rows.length === 0 ? (
        <p class="empty">{emptyText(kind, isFiltered)}</p>
      ) : (
        <Rows {...props} rows={rows.slice(0, limit.value)} labelledBy={id} />
      )}
      {rows.length > limit.value && (
        <button type="button" class="more" onClick={() => (limit.value += 5 * firstRows)}>
          Show more of the {rows.length - limit.value} others
        </button>
      )}
    </section>
  );
}

function emptyText({ type, synced, problem }: Kind<never> | Kind, isFiltered: boolean): string {
  if (!synced.value) return problem.value ?? 'Loading…';
  return isFiltered ? `No ${type.resource} match the filter.` : `There are no ${type.resource}.`;
}

interface RowsProps<T extends KubeObject> extends KindTableProps<T> {
  readonly rows: readonly Readonly<Row<T>>[];
  readonly labelledBy: string;
}

// Narrow screens show rows as blocks, which takes their meaning from tables unless the roles say it.
function Rows<T extends KubeObject>(props: RowsProps<T>) {
  const { rows, labelledBy } = props;
  const columns = columnsOf(props);
  const { open } = props.session.route.value;
  const opened = open?.resource === props.kind.type.resource ? keyText(open) : undefined;
  return (
    <div class="scroll" role="region" aria-labelledby={labelledBy} tabIndex={0}>
      <table role="table" aria-labelledby={labelledBy}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ name }) => (
              <th key={name} role="columnheader" scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr
              key={row.metadata.uid}
              role="row"
              class={keyText(row.metadata) === opened ? 'opened' : ''}
              data-name={keyText(row.metadata)}
              onClick={openOnClick}
            >
              {columns.map(({ name, show }, index) =>
                index === 0 ? (
                  <th key={name} role="rowheader" scope="row">
                    {show(row, '')}
                  </th>
                ) : (
                  <td key={name} role="cell" data-label={name}>
                    {show(row, '')}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The server's columns as this page shows them. */
function columnsOf<T extends KubeObject>({ session, kind, wide = [], columns: own = [] }: KindTableProps<T>) {
  // Open details take the room of wide columns, and have their values.
  const shown = session.route.value.open === undefined ? wide : [];
  const fromServer = kind.columns.value.flatMap(({ name, priority }, index): Column<T>[] => {
    if (priority > 0 && !shown.includes(name)) return [];
    const show = own.find((column) => column.name === name)?.show ?? usual(name, session, kind);
    return [{ name, show: (row) => show(row, String(row.cells[index] ?? '')) }];
  });
  const added = own.filter(({ name }) => !fromServer.some((column) => column.name === name));
  const isAge = ({ name }: Column<T>): boolean => name === 'Age';
  const [first, ...rest] = fromServer.filter((column) => !isAge(column));
  const namespace: Column<T>[] = kind.type.namespaced
    ? [{ name: 'Namespace', show: ({ metadata }) => <span class="muted">{metadata.namespace}</span> }]
    : [];
  return [...(first === undefined ? [] : [first]), ...namespace, ...rest, ...added, ...fromServer.filter(isAge)];
}

function usual<T extends KubeObject>(name: string, session: Session, { type }: Kind<T>): Column<T>['show'] {
  if (name === 'Age') return ({ metadata }) => <Age session={session} since={metadata.creationTimestamp} />;
  if (name !== 'Name') return (_, cell) => (cell === '<none>' ? <span class="muted">–</span> : cell);
  return ({ metadata }) => (
    <a class="name" href={linkTo(session, { ...metadata, resource: type.resource })}>
      {metadata.name}
    </a>
  );
}

/** A click anywhere in a row opens its details, unless it ends the selection of a text. */
function openOnClick(event: MouseEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.target instanceof Element && event.target.closest('a') !== null) return;
  if (getSelection()?.isCollapsed !== false) event.currentTarget.querySelector('a')?.click();
}
