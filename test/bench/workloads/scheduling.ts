import { Events, Nodes, Pods, ServiceAccounts, type Pod } from '../../../src/api/core/v1/types.ts';
import { PriorityClasses } from '../../../src/api/scheduling/v1/types.ts';
import { superuser } from '../../../src/apiserver/api-server.ts';
import { linkedAbort } from '../../../src/base/abort.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import type { Client } from '../../../src/client/client.ts';
import { createInformerFactory } from '../../../src/client/informer-factory.ts';
import { withoutManagedFields } from '../../../src/client/transform.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { startScheduler } from '../../../src/scheduler/scheduler.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';
import { costOf, profileInto, type Cost } from './cost.ts';
import { namespace, node, pod, priorityClass, type Sort } from './objects.ts';

export interface SchedulingCase {
  readonly sort: Sort;
  readonly nodes: number;
  readonly pods: number;
}

/**
 * CPU for each pod, from when a scheduler with full caches sees the pods until all have their node and their events are
 * written; API server, store in memory and informer of the pods are in it. As in Kubernetes' scheduler_perf, some pods have
 * been scheduled before, so that it is not the compiler that is measured.
 */
export async function schedulingCost({ sort, nodes, pods }: SchedulingCase): Promise<Cost> {
  await using api = await startMemoryApi({ store: new MemoryStore({ clock: systemClock }) });
  const client = createClient(api.transport(superuser, 'bench'));
  await client.create(ServiceAccounts, { metadata: { namespace, name: 'default' } });
  await client.create(PriorityClasses, { metadata: { name: priorityClass }, value: 10 });
  await together(nodes, async (index) => {
    const { metadata } = await client.create(Nodes, node(index));
    // A new node is not ready, until somebody has seen that it is.
    await client.patch(Nodes, { name: metadata.name }, { type: 'merge', body: { spec: { taints: null } } });
  });
  const stop = new AbortController();
  const { signal } = stop;
  const scheduled = createClient(
    api.transport({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }, 'kube-scheduler'),
  );
  const sources = { clock: systemClock, random: new SeededRandom(1), log: silentLogger, signal };
  const informers = createInformerFactory(scheduled, { ...sources, transform: withoutManagedFields() });
  const informer = informers.informer(Pods);
  informers.informer(Nodes);
  if (sort === 'preemption') await fill(client, nodes, pods + Math.min(mostBefore, pods >> 1));
  await informers.synced();
  const isOurs = ({ metadata }: Readonly<Pod>): boolean => metadata.labels?.['app'] === sort;
  const bound = new Set<string>();
  let wanted = Infinity;
  let all = Promise.withResolvers<void>();
  informer.onChange(({ type, object }) => {
    if (type === 'deleted' || !isOurs(object) || !object.spec.nodeName) return;
    bound.add(object.metadata.name);
    if (bound.size === wanted) all.resolve();
  });
  /** Makes the pods up to this number, and then lets a scheduler find their nodes. */
  const scheduleUpTo = async (first: number, end: number): Promise<Cost> => {
    await together(end - first, (index) => client.create(Pods, pod(sort, first + index, nodes)));
    while (informer.list().filter(isOurs).length < end) await systemClock.sleep(10);
    const term = linkedAbort(signal);
    all = Promise.withResolvers<void>();
    wanted = end;
    let scheduler: Promise<void> | undefined;
    const cost = await costOf(
      end - first,
      () => api.core.cache.revision,
      async () => {
        scheduler = startScheduler({ ...sources, signal: term.signal, client: scheduled, informers });
        await all.promise;
        await eventsWritten(client);
      },
    );
    term.abort();
    await scheduler;
    return cost;
  };
  const before = Math.min(mostBefore, pods >> 1);
  const profile = profileInto(undefined);
  await scheduleUpTo(0, before);
  profileInto(profile);
  const cost = await scheduleUpTo(before, before + pods);
  stop.abort();
  return cost;
}

const mostBefore = 1000;

/** A pod of low priority on each node, which leaves too little for ours. */
async function fill(client: Client, nodes: number, pods: number): Promise<void> {
  await together(nodes, (index) => {
    const { metadata, spec, ...rest } = pod('preemption', index, nodes);
    const { priorityClassName: _none, ...lesser } = spec;
    return client.create(Pods, {
      ...rest,
      metadata: { ...metadata, name: `low-${index}`, labels: { app: 'low' } },
      spec: { ...lesser, nodeName: `node-${index}`, terminationGracePeriodSeconds: 0 },
    } as Pod);
  });
  if (pods > nodes) throw new Error('Cannot preempt: there are more pods than nodes');
}

async function eventsWritten(client: Client): Promise<void> {
  let last = -1;
  for (;;) {
    const { items, metadata } = await client.list(Events, { namespace, limit: 1 });
    const count = items.length + (metadata.remainingItemCount ?? 0);
    if (count === last) return;
    last = count;
    await systemClock.sleep(100);
  }
}

/** Calls `act` for each index, some at once. */
async function together(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: 32 }, one));
}
