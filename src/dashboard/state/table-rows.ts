import type { KubeList, KubeObject, ListMeta } from '../../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../../apimachinery/request.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { tableParameter } from '../guard.ts';

export type Cell = string | number | boolean | null;

/**
 * A row of what `kubectl get` prints, with the object it is of. It carries the object's metadata, so informers hold
 * rows as they hold objects.
 */
export interface Row<T extends KubeObject = KubeObject> extends KubeObject {
  readonly cells: readonly Cell[];
  readonly object: T;
}

export interface TableColumn {
  readonly name: string;
  /** 0: always shown; more: only with `-o wide`. */
  readonly priority: number;
}

/** The rows of a kind as a kind of their own. */
export function rowsOf<T extends KubeObject>(type: ResourceType<T>): ResourceType<Row<T>> {
  const { object: _object, ...rest } = type;
  return rest;
}

/**
 * Asks for Tables instead of objects, and gives their rows as objects. So STATUS, READY and the rest are the server's
 * own words, for every kind, and informers work on them unchanged. `learn` hears of a kind's columns with each list.
 */
export function tableTransport(
  transport: Transport,
  learn: (type: ResourceType, columns: readonly TableColumn[]) => void,
): Transport {
  return {
    async call(request) {
      const { metadata, columnDefinitions, rows } = (await transport.call(asTable(request))) as Table;
      learn(request.type, columnDefinitions ?? []);
      return { metadata, items: (rows ?? []).map(rowOf) } satisfies KubeList<Row>;
    },
    async *watch(request, signal) {
      for await (const { type, object } of transport.watch(asTable(request), signal)) {
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
  readonly rows?: readonly { readonly cells: readonly Cell[]; readonly object: KubeObject }[] | null;
}

function asTable(request: ApiRequest): ApiRequest {
  return { ...request, options: { ...request.options, includeObject: 'Object', [tableParameter]: '' } };
}

function rowOf({ cells, object }: { readonly cells: readonly Cell[]; readonly object: KubeObject }): Row {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata, cells, object };
}
