import type { Cell, Row } from '../table-rows.ts';

/** The row of an object: its name and `cells`. */
export function rowOf<T extends { metadata: Row['metadata'] }>(object: T, ...cells: Cell[]): Row<T> {
  return { metadata: object.metadata, cells: [object.metadata.name, ...cells], object };
}
