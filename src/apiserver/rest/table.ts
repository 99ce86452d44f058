import { humanDuration } from '../../apimachinery/duration.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { TableRowCondition } from './resource.ts';

/** meta/v1 Table: what `kubectl get` prints. */
export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly conditions?: readonly TableRowCondition[];
  readonly object: unknown;
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export function columnDefinitions({ facts }: ServedVersion, describe: (column: string) => string) {
  return facts.columns.map(({ name, type, format, priority, description }) => ({
    name,
    type,
    format,
    description: description ?? describe(name),
    priority,
  }));
}

export function tableRow(
  served: ServedVersion,
  object: Readonly<KubeObject>,
  now: number,
  include: IncludeObject,
): TableRow {
  const conditions = served.columns?.rowConditions?.(object) ?? [];
  const row = { cells: cellsOf(served, object, now), object: included(object, include) };
  return conditions.length === 0 ? row : { ...row, conditions };
}

/**
 * The row of a bookmark, whose object is nothing but a version: cells that say nothing. The end of the initial events is
 * told by an annotation, and so comes with metadata even where no object was asked for.
 */
export function bookmarkRow({ facts }: ServedVersion, object: Readonly<KubeObject>, include: IncludeObject): TableRow {
  const cells = facts.columns.map(({ name, type }) => (name === 'Age' ? '<unknown>' : emptyCell(type)));
  return { cells, object: included(object, object.metadata.annotations === undefined ? include : 'Metadata') };
}

function emptyCell(type: string): string | number | boolean {
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number' ? 0 : '';
}

function cellsOf(
  { columns, facts }: ServedVersion,
  object: Readonly<KubeObject>,
  now: number,
): readonly (string | number | boolean | null)[] {
  if (columns !== undefined) return columns.cells(object, now);
  const created = object.metadata.creationTimestamp;
  return facts.columns.map(({ name }) => {
    if (name === 'Name') return object.metadata.name;
    if (name === 'Created At') return created ?? '';
    return name === 'Age' && created !== undefined ? humanDuration(now - Date.parse(created)) : '<unknown>';
  });
}

function included(object: Readonly<KubeObject>, include: IncludeObject): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : partialMetadata(object, 'v1');
}

export function partialMetadata({ metadata }: Readonly<KubeObject>, version: 'v1' | 'v1beta1') {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata };
}
