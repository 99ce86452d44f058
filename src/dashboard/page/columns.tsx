import type { ComponentChildren } from 'preact';
import type { TableColumn, Row } from '../state/table-rows.ts';
import type { Kind } from '../state/tables.ts';
import { cellTone } from '../state/tone.ts';
import { Age, Pill } from './parts.tsx';
import { linkTo, type Session } from './session.ts';

/** What a column shows: in place of the server's cell, or a column of our own. */
export interface Column<E = unknown> {
  readonly name: string;
  show(row: Readonly<Row<E>>, cell: string, session: Session): ComponentChildren;
}

export interface ShownColumn {
  readonly name: string;
  show(row: Readonly<Row>): ComponentChildren;
}

/**
 * The server's columns as this page shows them: those of `own` with the name of one of the server's replace it, others
 * come last but for the age. Of the columns that the server calls wide only the named ones are there.
 */
export function columnsOf(
  session: Session,
  kind: Pick<Kind, 'id' | 'type'>,
  columns: readonly TableColumn[],
  { wide, own }: { readonly wide: readonly string[]; readonly own: readonly Column[] },
): ShownColumn[] {
  const fromServer = columns.flatMap(({ name, priority }, index): ShownColumn[] => {
    if (priority > 0 && !wide.includes(name)) return [];
    const { show } = own.find((column) => column.name === name) ?? usual(name, kind.id);
    return [{ name, show: (row) => show(row, String(row.cells[index] ?? ''), session) }];
  });
  const added = own
    .filter(({ name }) => !fromServer.some((column) => column.name === name))
    .map(({ name, show }): ShownColumn => ({ name, show: (row) => show(row, '', session) }));
  const isAge = ({ name }: ShownColumn): boolean => name === 'Age';
  const [first, ...rest] = fromServer.filter((column) => !isAge(column));
  const namespace = kind.type.namespaced ? [namespaceColumn] : [];
  return [...(first === undefined ? [] : [first]), ...namespace, ...rest, ...added, ...fromServer.filter(isAge)];
}

const namespaceColumn: ShownColumn = {
  name: 'Namespace',
  show: ({ metadata }) => <span class="muted">{metadata.namespace}</span>,
};

function usual(name: string, id: string): Pick<Column, 'show'> {
  if (name === 'Age')
    return { show: ({ metadata }, _, session) => <Age session={session} since={metadata.creationTimestamp} /> };
  if (name === 'Name')
    return { show: (row, cell, session) => <RowLink session={session} id={id} row={row} text={cell} /> };
  return { show: (_, cell) => <CellText name={name} cell={cell} /> };
}

function CellText({ name, cell }: { name: string; cell: string }) {
  if (cell === '<none>' || cell === '') return <span class="muted">–</span>;
  const tone = cellTone(name, cell);
  return tone === undefined ? <>{cell}</> : <Pill tone={tone}>{cell}</Pill>;
}

/** Opens the details of the row's object. */
export function RowLink({
  session,
  id,
  row,
  text,
}: {
  session: Session;
  id: string;
  row: Readonly<Row>;
  text: string;
}) {
  const { namespace, name } = row.metadata;
  return (
    <a class="name" href={linkTo(session, { id, name, ...(namespace !== undefined && { namespace }) })}>
      {text}
    </a>
  );
}
