import type { Pod } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Kubelet } from '../kubelet.ts';
import { isCritical } from '../pods/critical-pod.ts';
import type { PodFiles } from '../pods/pod-files.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { emptyDirPlace, type VolumeDisk } from '../volumes/volume-disk.ts';
import { emptyDirsOf, exceededLimit, limitsStorage, type PodStorage } from './storage-limits.ts';

/** The stock kubelet looks as often. */
const lookEveryMs = 10_000;

/** Where what pods hold is measured. */
export interface StorageSources {
  readonly runtime: Pick<ContainerRuntime, 'containerStats'>;
  readonly disk: Pick<VolumeDisk, 'usedBytes'>;
  readonly files: Pick<PodFiles, 'logBytes'>;
}

export interface KeepStorageLimitsOptions extends StorageSources {
  readonly kubelet: Pick<Kubelet, 'pods' | 'evict'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Evicts pods that write more to the disk than they may, until `signal` aborts. */
export async function keepStorageLimits(options: KeepStorageLimitsOptions): Promise<void> {
  const { kubelet, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const limited = kubelet.pods().filter((pod) => mayGo(pod) && limitsStorage(pod));
      for (const [pod, storage] of await storageOf(options, limited)) {
        const message = exceededLimit(pod, storage);
        if (message !== undefined) kubelet.evict(pod.metadata.uid ?? '', message);
      }
    } catch (error) {
      log.warn('what pods hold on the disk could not be measured', { error: String(error) });
    }
    await clock.sleep(lookEveryMs, signal).catch(() => {});
  }
}

/** Pods without which the node or cluster does not work stay, whatever they hold; one that was deleted may write for long. */
function mayGo(pod: Readonly<Pod>): boolean {
  const isOver = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return !isOver && !isCritical(pod);
}

/** What containers have written over their images, in bytes, by {@link layerKey}. */
async function writtenLayers(runtime: Pick<ContainerRuntime, 'containerStats'>): Promise<Map<string, number>> {
  const found = new Map<string, { readonly at: number; readonly bytes: number }>();
  for (const { podUid, name, at, layer } of await runtime.containerStats()) {
    const key = layerKey(podUid, name);
    // Runtimes tell of those that have ended too, in no order; they have no time.
    if (at >= (found.get(key)?.at ?? 0)) found.set(key, { at, bytes: layer?.usedBytes ?? 0 });
  }
  return new Map(Array.from(found, ([key, { bytes }]) => [key, bytes]));
}

function layerKey(podUid: string, container: string): string {
  return `${podUid}/${container}`;
}

/** What each of the pods holds on the disk, measured one after the other. */
export async function storageOf(
  sources: StorageSources,
  pods: readonly Readonly<Pod>[],
): Promise<Map<Readonly<Pod>, PodStorage>> {
  const found = new Map<Readonly<Pod>, PodStorage>();
  if (pods.length === 0) return found;
  const layers = await writtenLayers(sources.runtime);
  for (const pod of pods) found.set(pod, await storageOfOne(sources, pod, layers));
  return found;
}

async function storageOfOne(
  { disk, files }: StorageSources,
  pod: Readonly<Pod>,
  layers: ReadonlyMap<string, number>,
): Promise<PodStorage> {
  const { uid = '' } = pod.metadata;
  const emptyDirs = new Map<string, number>();
  for (const { name } of emptyDirsOf(pod)) emptyDirs.set(name, await disk.usedBytes(emptyDirPlace(uid, name)));
  const containers = new Map<string, number>();
  for (const { name } of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])])
    containers.set(name, (await files.logBytes(pod, name)) + (layers.get(layerKey(uid, name)) ?? 0));
  return { emptyDirs, containers };
}
