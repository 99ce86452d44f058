import type { Pod } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Kubelet } from '../kubelet.ts';
import { isCritical } from '../pods/critical-pod.ts';
import { isRunning } from '../pods/observed-pod.ts';
import type { NodeUsage } from '../stats/usage.ts';
import type { NodePressure } from './node-pressure.ts';
import { evictionMessage, rankForEviction, type PodConsumption } from './pod-ranking.ts';
import type { PodStorage } from './storage-limits.ts';
import type { StarvedResource } from './thresholds.ts';

/** The stock kubelet looks as often. */
const lookEveryMs = 10_000;
/** How long an evicted pod is waited for before the node is looked at again, and how often it is asked for. */
const mostWaitMs = 30_000;
const waitStepMs = 1000;

export interface RelievePressureOptions {
  readonly kubelet: Pick<Kubelet, 'pods' | 'observed' | 'evict' | 'tellOfNode'>;
  readonly pressure: Pick<NodePressure, 'look'>;
  readonly usage: () => Promise<NodeUsage>;
  /** What pods hold on the disk. */
  readonly storage: (pods: readonly Readonly<Pod>[]) => Promise<ReadonlyMap<Readonly<Pod>, PodStorage>>;
  /** Frees what no pod uses of the disk: images. */
  readonly reclaimDisk: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Evicts one pod after the other as long as the node runs short of something, until `signal` aborts. */
export async function relievePressure(options: RelievePressureOptions): Promise<void> {
  const { clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const evicted = await relieveOnce(options);
      if (evicted !== undefined) await endOf(evicted, options);
    } catch (error) {
      if (!signal.aborted) log.warn('what the node has left could not be looked at', { error: String(error) });
    }
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
}

/** Answers the uid of the pod that has to go, if one has to. */
async function relieveOnce(options: RelievePressureOptions): Promise<string | undefined> {
  const { kubelet, pressure, reclaimDisk, log } = options;
  const [first] = await pressure.look();
  if (first === undefined) return undefined;
  kubelet.tellOfNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${first.resource}`);
  let met = first;
  if (first.condition === 'DiskPressure') {
    await reclaimDisk().catch((error: unknown) => log.warn('no room was made on the disk', { error: String(error) }));
    const [still] = await pressure.look();
    if (still === undefined) return undefined;
    met = still;
  }
  const [worst] = rankForEviction(await candidates(options, met.resource), met.resource);
  if (worst === undefined) {
    log.warn('the node runs short, and has no pod that may go', { signal: met.signal });
    return undefined;
  }
  const { uid = '' } = worst.pod.metadata;
  kubelet.evict(uid, evictionMessage(worst, met), 'TerminationByKubelet');
  return uid;
}

/** The pods that run and may go, with what they have. */
async function candidates(
  { kubelet, usage, storage }: RelievePressureOptions,
  resource: StarvedResource,
): Promise<PodConsumption[]> {
  const running = kubelet.pods().filter((pod) => !isCritical(pod) && isActive(kubelet, pod.metadata.uid ?? ''));
  const { pods } = await usage();
  const held = resource === 'ephemeral-storage' ? await storage(running) : undefined;
  const used = new Map(pods.map((pod) => [pod.uid, pod]));
  return running.map((pod): PodConsumption => {
    const { uid = '' } = pod.metadata;
    const found = used.get(uid);
    const onDisk = held?.get(pod);
    if (resource === 'ephemeral-storage')
      return { pod, used: onDisk && totalOf(onDisk), containers: onDisk?.containers ?? new Map() };
    const amounts = (found?.containers ?? []).map(({ name, usage: { workingSetBytes }, layer }): [string, number] => [
      name,
      resource === 'memory' ? workingSetBytes : (layer?.inodesUsed ?? 0),
    ]);
    const containers = new Map(resource === 'pids' ? [] : amounts);
    const ofContainers = [...containers.values()].reduce((sum, amount) => sum + amount, 0);
    return { pod, used: found && (resource === 'memory' ? found.usage.workingSetBytes : ofContainers), containers };
  });
}

function totalOf({ emptyDirs, containers }: PodStorage): number {
  return [...emptyDirs.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function isActive(kubelet: RelievePressureOptions['kubelet'], uid: string): boolean {
  return kubelet.observed(uid).containers.some(isRunning);
}

/** What a pod had is free only once it runs no more: before that nobody else has to go for it. */
async function endOf(uid: string, { kubelet, clock, signal }: RelievePressureOptions): Promise<void> {
  for (let waited = 0; waited < mostWaitMs && isActive(kubelet, uid); waited += waitStepMs)
    await clock.sleep(waitStepMs, signal);
}
