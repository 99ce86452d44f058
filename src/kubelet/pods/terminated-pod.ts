import { Pods, type Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { Backoff } from '../../base/backoff.ts';
import { removeFromRuntime } from './pod-actions.ts';
import { podText } from './pod-containers.ts';
import type { PodParts } from './pod-parts.ts';

export interface TerminatedPod {
  readonly pod: () => Readonly<Pod>;
  /** Resolves when the pod is to be deleted: its remains, with the logs, are kept until then. */
  readonly deleted: Promise<void>;
  /** The object is gone already. */
  readonly isGone: () => boolean;
  /** Resolves when the last status has been written. */
  readonly statusWritten: () => Promise<void>;
}

/**
 * After nothing of a pod runs any more: frees what it held, and once it is deleted removes its object, then its remains.
 * Does not give up before the kubelet stops.
 */
export async function cleanUpTerminatedPod(
  parts: PodParts,
  { pod, deleted, isGone, statusWritten }: TerminatedPod,
): Promise<void> {
  const { probes, images, volumes, cgroups, files, view } = parts;
  const uid = pod().metadata.uid ?? '';
  probes.forget(uid);
  images.forget(uid);
  const freed = insist(parts, pod, async () => {
    await Promise.all([volumes.tearDown(uid), cgroups.remove(uid)]);
  });
  freed.catch(() => undefined); // it is waited for below, unless the kubelet stops before
  await deleted;
  if (!isGone()) {
    await statusWritten();
    await insist(parts, pod, () => (isGone() ? Promise.resolve() : deleteObject(parts, pod())));
  }
  await freed;
  await insist(parts, pod, async () => {
    await removeFromRuntime(parts, view.observed(uid));
    await files.remove(uid);
  });
}

async function deleteObject({ client }: PodParts, pod: Readonly<Pod>): Promise<void> {
  const { uid } = pod.metadata;
  const preconditions = uid === undefined ? {} : { preconditions: { uid } };
  try {
    await client.delete(Pods, keyOf(pod), { gracePeriodSeconds: 0, ...preconditions });
  } catch (error) {
    if (!isStatus(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** Repeats until it works, with longer and longer waits. Rejects when the kubelet stops. */
async function insist(
  { clock, log, signal }: PodParts,
  pod: () => Readonly<Pod>,
  action: () => Promise<void>,
): Promise<void> {
  const backoff = new Backoff({ initialMs: 500, maximumMs: 30_000 });
  for (;;) {
    signal.throwIfAborted();
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn('the remains of a pod were not removed', { pod: podText(pod()), error: String(error) });
      await clock.sleep(backoff.next(), signal);
    }
  }
}
