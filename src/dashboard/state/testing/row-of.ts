import type { KubeObject } from '../../../apimachinery/object.ts';
import type { Cell, Row } from '../table-rows.ts';

/** The row of an object: its name and `cells`. */
export function rowOf({ metadata }: KubeObject, ...cells: Cell[]): Row {
  return { metadata, cells: [metadata.name, ...cells], extract: undefined };
}
