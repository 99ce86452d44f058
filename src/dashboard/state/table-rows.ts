import type { KubeList, KubeObject, ListMeta, ObjectMeta } from '../../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../../apimachinery/request.ts';
import { apiVersionOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { requestPath } from '../../apimachinery/request-path.ts';
import { tableParameter } from '../guard.ts';
import type { ProxyTransport } from './proxy-transport.ts';

export type Cell = string | number | boolean | null;

/**
 * A row of what `kubectl get` prints. It carries the metadata of the object that it is of, but for annotations and the
 * like, so informers hold rows as they hold objects. `extract` is what else of the object is worth keeping.
 */
export interface Row<E = unknown> extends KubeObject {
  readonly cells: readonly Cell[];
  readonly extract: E;
}

export interface TableColumn {
  readonly name: string;
  /** 0: always shown; more: only with `-o wide`. */
  readonly priority: number;
}

/** The rows of a kind as a kind of their own. */
export function rowsOf<E>(type: ResourceType): ResourceType<Row<E>> {
  const { object: _object, ...rest } = type;
  return rest;
}

/** What is kept of the objects of a kind; of kinds without one the server sends metadata only. */
export type Extract = (object: Readonly<KubeObject>) => unknown;

export interface TableOptions {
  extractOf(type: ResourceType): Extract | undefined;
  /** Hears of a kind's columns with each page of a list. */
  learn(type: ResourceType, columns: readonly TableColumn[]): void;
  /** Hears how much of a list has come; `left` is absent where the server does not say. */
  progress?(type: ResourceType, read: number, left: number | undefined): void;
  /** How many rows come at once: as many as take a moment to read, and no longer. */
  readonly pageSize?: number;
}

/**
 * Asks for Tables instead of objects, and gives their rows as objects. So STATUS, READY and the rest are the server's
 * own words, for every kind, and informers work on them unchanged. Lists come in pages, and each is made into rows
 * before the next is asked for: between them the browser draws, and never holds more than one page of objects.
 */
export function tableTransport(transport: ProxyTransport, options: TableOptions): Transport {
  const { extractOf, learn, progress, pageSize = 500 } = options;
  const isWhole = ({ type }: ApiRequest): boolean => extractOf(type) !== undefined;
  const reader = (type: ResourceType) => rowReader(type, extractOf(type));
  return {
    async call(request) {
      const rowOf = reader(request.type);
      const items: Row[] = [];
      let first: ListMeta | undefined;
      for (let next: string | undefined = ''; next !== undefined;) {
        const page = { limit: String(pageSize), ...(next !== '' && { continue: next }) };
        const asked = asTable({ ...request, options: { ...request.options, ...page } }, isWhole(request));
        const { metadata, columnDefinitions, rows } = (await transport.read(requestPath(asked))) as Table;
        learn(request.type, columnDefinitions ?? []);
        for (const row of rows ?? []) items.push(rowOf(row));
        progress?.(request.type, items.length, metadata.continue ? metadata.remainingItemCount : 0);
        first ??= metadata;
        next = metadata.continue || undefined;
      }
      const { resourceVersion } = first!;
      return { metadata: { ...(resourceVersion !== undefined && { resourceVersion }) }, items } satisfies KubeList<Row>;
    },
    async *watch(request, signal) {
      const rowOf = reader(request.type);
      for await (const { type, object } of transport.watch(asTable(request, isWhole(request)), signal)) {
        const table = object as KubeObject & Table;
        for (const row of table.rows ?? []) yield { type, object: rowOf(row) } as WatchEvent;
      }
    },
  };
}

/** meta/v1 Table, as far as it is read here. */
interface Table {
  readonly metadata: ListMeta;
  readonly columnDefinitions?: readonly TableColumn[] | null;
  readonly rows?: readonly TableRow[] | null;
}

interface TableRow {
  readonly cells: readonly Cell[];
  readonly object: KubeObject;
}

/** The same request for a Table, with all of each object or with its metadata. */
export function asTable(request: ApiRequest, isWhole: boolean): ApiRequest {
  const includeObject = isWhole ? 'Object' : 'Metadata';
  return { ...request, options: { ...request.options, includeObject, [tableParameter]: '' } };
}

function rowReader(type: ResourceType, extract: Extract | undefined): (row: TableRow) => Row {
  const names = { apiVersion: apiVersionOf(type), kind: type.kind };
  return ({ cells, object }) =>
    Object.freeze({ ...names, metadata: kept(object.metadata), cells, extract: extract?.(object) });
}

/** Bookmarks come as rows with nothing but a resource version. */
function kept(metadata: ObjectMeta): ObjectMeta {
  const { annotations: _a, managedFields: _m, finalizers: _f, selfLink: _s, ...rest } = metadata;
  return Object.freeze(rest);
}
