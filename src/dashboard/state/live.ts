import { signal, type ReadonlySignal } from '@preact/signals';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { silentLogger, type Logger } from '../../base/logger.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Client, ListOptions } from '../../client/client.ts';
import { createInformer } from '../../client/informer-cache.ts';
import { byKey, SortedObjects } from './sorted-objects.ts';

/** All objects of one kind, as a value that changes. */
export interface Live<T> {
  readonly items: ReadonlySignal<readonly Readonly<T>[]>;
  /** The first list is there. */
  readonly synced: ReadonlySignal<boolean>;
  /** Why the first list did not come, when last tried. */
  readonly problem: ReadonlySignal<string | undefined>;
}

export interface LiveOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Many events come together; the page shows them together. */
const settleMs = 100;
/** People watch: a server that is back is found soon. */
export const longestRetryMs = 2000;

export interface Followed<T> extends Pick<ListOptions, 'namespace' | 'fieldSelector'> {
  /** The order of two objects, which must not change; by namespace and name unless told. */
  readonly order?: (a: Readonly<T>, b: Readonly<T>) => number;
}

/** Follows one kind until the signal aborts. */
export function follow<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  { clock, random, signal: stop }: LiveOptions,
  { order = byKey, ...scope }: Followed<T> = {},
): Live<T> {
  const items = signal<readonly Readonly<T>[]>([]);
  const synced = signal(false);
  const problem = signal<string | undefined>(undefined);
  const log: Logger = { ...silentLogger, warn: (_, fields) => (problem.value = String(fields?.['error'])) };
  const informer = createInformer(client, type, { clock, random, log, signal: stop, longestRetryMs, ...scope });

  const sorted = new SortedObjects<T>(order);
  let isDue = false;
  const show = (): void => {
    isDue = false;
    items.value = sorted.list();
  };
  informer.onChange((change) => {
    if (change.type === 'deleted') sorted.remove(change.object);
    else sorted.put(change.object);
    if (isDue || !informer.hasSynced()) return;
    isDue = true;
    clock.setTimer(settleMs, show);
  });
  void informer.synced().then(
    () => {
      show();
      synced.value = true;
    },
    () => undefined,
  );
  return { items, synced, problem };
}
