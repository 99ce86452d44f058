import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { keyText } from '../../apimachinery/object.ts';
import { isFiltering } from '../state/filter.ts';
import { titleOf } from '../state/kinds.ts';
import type { Row } from '../state/table-rows.ts';
import type { Kind } from '../state/tables.ts';
import { columnsOf, type Column, type ShownColumn } from './columns.tsx';
import type { Session } from './session.ts';
import { useRowWindow } from './use-row-window.ts';

export interface KindTableProps<E> {
  readonly session: Session;
  readonly kind: Kind<E>;
  /** The server's columns to show although it calls them wide. */
  readonly wide?: readonly string[];
  /** See `columnsOf`. Always the same array, as all rows are drawn anew for another one. */
  readonly columns?: readonly Column<E>[];
  readonly note?: ComponentChildren;
}

const none: readonly never[] = [];

/** A live table of one kind: the columns that kubectl prints, in the server's own words, and some of ours. */
export function KindTable<E>({ session, kind, wide = none, columns: own = none, note }: KindTableProps<E>) {
  const all = kind.items.value;
  const matches = session.matches.value;
  const isFiltered = isFiltering(session.filter.value, kind.type.namespaced);
  const rows = useMemo(() => (isFiltered ? all.filter(matches) : all), [all, matches, isFiltered]);
  // Open details take the room of wide columns, and have their values.
  const hasRoom = session.route.value.open === undefined;
  const known = kind.columns.value;
  const columns = useMemo(
    () => columnsOf(session, kind, known, { wide: hasRoom ? wide : none, own: own as readonly Column[] }),
    [session, kind.id, known, hasRoom, wide, own],
  );
  const id = `table-${kind.id}`;
  return (
    <section class="kind" aria-labelledby={id}>
      <h2 id={id}>
        {titleOf(kind.type)} <span class="count">{isFiltered ? `${rows.length} of ${all.length}` : all.length}</span>
        {note}
      </h2>
      {rows.length === 0 ? (
        <p class="empty">{emptyText(kind, isFiltered)}</p>
      ) : (
        <Rows session={session} kind={kind} columns={columns} rows={rows} labelledBy={id} />
      )}
    </section>
  );
}

function emptyText<E>({ type, synced, problem, progress }: Kind<E>, isFiltered: boolean): string {
  if (!synced.value) return problem.value ?? `Loading… ${progress.value}`.trim();
  return isFiltered ? `No ${type.resource} match the filter.` : `There are no ${type.resource}.`;
}

interface RowsProps<E> extends Pick<KindTableProps<E>, 'session' | 'kind'> {
  readonly columns: readonly ShownColumn[];
  readonly rows: readonly Readonly<Row<E>>[];
  readonly labelledBy: string;
}

// Narrow screens show rows as blocks, which takes their meaning from tables unless the roles say it.
function Rows<E>({ session, kind, columns, rows, labelledBy }: RowsProps<E>) {
  const { first, last, rowHeight, body } = useRowWindow(rows.length);
  return (
    <div class="scroll" role="region" aria-labelledby={labelledBy} tabIndex={0}>
      <table role="table" aria-labelledby={labelledBy} aria-rowcount={rows.length + 1}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {columns.map(({ name }) => (
              <th key={name} role="columnheader" scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body}>
          <Gap key="above" height={first * rowHeight} columns={columns.length} />
          {rows.slice(first, last).map((row, index) => (
            <TableRow
              key={row.metadata.uid ?? keyText(row.metadata)}
              session={session}
              id={kind.id}
              row={row}
              columns={columns}
              index={first + index + 2}
            />
          ))}
          <Gap key="below" height={(rows.length - last) * rowHeight} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

/** The room of rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr class="gap" aria-hidden="true" style={{ height: `${height}px` }}>
      <td colSpan={columns} />
    </tr>
  );
}

interface TableRowProps {
  readonly session: Session;
  readonly id: string;
  readonly row: Readonly<Row>;
  readonly columns: readonly ShownColumn[];
  readonly index: number;
}

/** Drawn anew for other properties and for another route only, as components are that read a signal by themselves. */
function TableRow({ session, id, row, columns, index }: TableRowProps) {
  const { open } = session.route.value;
  const key = keyText(row.metadata);
  const isOpened = open?.id === id && keyText(open) === key;
  return (
    <tr role="row" class={isOpened ? 'opened' : ''} aria-rowindex={index} data-name={key} onClick={openOnClick}>
      {columns.map(({ name, show }, at) =>
        at === 0 ? (
          <th key={name} role="rowheader" scope="row">
            {show(row)}
          </th>
        ) : (
          <td key={name} role="cell" data-label={name}>
            {show(row)}
          </td>
        ),
      )}
    </tr>
  );
}

/** A click anywhere in a row opens its details, unless it ends the selection of a text. */
function openOnClick(event: MouseEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.target instanceof Element && event.target.closest('a') !== null) return;
  if (getSelection()?.isCollapsed !== false) event.currentTarget.querySelector<HTMLElement>('a.name')?.click();
}
