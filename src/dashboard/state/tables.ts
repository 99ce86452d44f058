import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { createClient } from '../../client/typed-client.ts';
import { extracts } from './extracts.ts';
import type { ServedKind } from './kinds.ts';
import { follow, type Followed, type Live, type LiveOptions } from './live.ts';
import { polled } from './polled.ts';
import type { ProxyTransport } from './proxy-transport.ts';
import { rowsOf, tableTransport, type Extract, type Row, type TableColumn } from './table-rows.ts';

/** One kind as a live table. */
export interface Kind<E = unknown> extends Live<Row<E>> {
  /** `deployments.apps`. */
  readonly id: string;
  readonly type: ResourceType;
  readonly columns: ReadonlySignal<readonly TableColumn[]>;
  /** How much of the first list has come: `1500 of 5000`. */
  readonly progress: ReadonlySignal<string>;
}

/** Follows kinds and single objects as the tables that the server makes of them. */
export interface Tables {
  kind<E>(type: ResourceType, options: LiveOptions, more?: KindOptions<E>): Kind<E>;
  /** One object with all that it has, and with its cells. Of a Secret only its metadata comes. */
  object(kind: ServedKind, key: ObjectKey, options: LiveOptions): Live<Row<Readonly<KubeObject> | undefined>>;
  columnsOf(type: ResourceType): ReadonlySignal<readonly TableColumn[]>;
}

export interface KindOptions<E> extends Pick<Followed<Row<E>>, 'order'> {
  /** Whether there are watches; there are, unless told. */
  readonly isWatchable?: boolean;
}

const pollMs = 10_000;

export function followTables(transport: ProxyTransport, { clock }: Pick<LiveOptions, 'clock'>): Tables {
  const columns = signal<ReadonlyMap<string, readonly TableColumn[]>>(new Map());
  const progress = signal<ReadonlyMap<string, string>>(new Map());
  const learn = (type: ResourceType, known: readonly TableColumn[]): void => {
    columns.value = new Map(columns.peek()).set(groupResourceOf(type), known);
  };
  const client = (extractOf: (type: ResourceType) => Extract | undefined, isWatchable: boolean) => {
    const rows = tableTransport(transport, {
      extractOf,
      learn,
      progress(type, read, left) {
        const text = left === undefined ? `${read}` : `${read} of ${read + left}`;
        progress.value = new Map(progress.peek()).set(groupResourceOf(type), text);
      },
    });
    return createClient(isWatchable ? rows : polled(rows, clock, pollMs));
  };
  const columnsOf = (type: ResourceType) => computed(() => columns.value.get(groupResourceOf(type)) ?? []);
  return {
    columnsOf,
    kind(type, options, { isWatchable = true, ...more } = {}) {
      const id = groupResourceOf(type);
      return {
        id,
        type,
        columns: columnsOf(type),
        progress: computed(() => progress.value.get(id) ?? ''),
        ...follow(
          client((type) => extracts[groupResourceOf(type)], isWatchable),
          rowsOf(type),
          options,
          more,
        ),
      };
    },
    object({ type, isWatchable }, { namespace, name }, options) {
      const scope = { fieldSelector: `metadata.name=${name}`, ...(namespace !== undefined && { namespace }) };
      return follow(client(whole, isWatchable), rowsOf(type), options, scope);
    },
  };
}

/** What the proxy does not pass is not asked for. */
function whole(type: ResourceType): Extract | undefined {
  return type.resource === 'secrets' ? undefined : (object) => object;
}
