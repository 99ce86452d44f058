import { Jobs } from '../../src/api/batch/v1/types.ts';
import { controllerOf } from '../../src/apimachinery/object.ts';
import type { Client } from '../../src/client/client.ts';
import { createInformer } from '../../src/client/informer-cache.ts';

const scheduledTimestamp = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/**
 * The jobs that CronJobs make while time goes on, a line for each CronJob: how often they were made for which time of
 * day, as its clocks show it.
 */
export async function jobsMade(
  client: Client,
  options: Omit<Parameters<typeof createInformer>[2], 'signal'>,
  goOn: () => Promise<unknown>,
): Promise<string[]> {
  const stop = new AbortController();
  const made = new Map<string, Map<string, number>>();
  const informer = createInformer(client, Jobs, { ...options, signal: stop.signal });
  informer.onChange(({ type, object }) => {
    const owner = controllerOf(object)?.name;
    const [, time] = object.metadata.annotations?.[scheduledTimestamp]?.split('T') ?? [];
    if (type !== 'added' || owner === undefined || time === undefined) return;
    const times = made.get(owner) ?? new Map<string, number>();
    made.set(owner, times.set(time, (times.get(time) ?? 0) + 1));
  });
  await goOn();
  stop.abort();
  return [...made]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name}: ${[...times].map(([time, count]) => `${count} at ${time}`).join(', ')}`);
}
