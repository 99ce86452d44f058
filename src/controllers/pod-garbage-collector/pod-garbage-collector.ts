import { Nodes, Pods, type Pod } from '../../api/core/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { isFinished } from '../pod-state.ts';

const lookEveryMs = 20_000;
/** How long a node must have been missing until its pods are given up, in milliseconds. */
const quarantineMs = 40_000;
/** How many finished pods may stay to be looked at. */
const finishedKept = 12_500;

/**
 * Removes pods that nobody else will: of nodes that are gone, deleted before they got a node, and the oldest finished
 * ones.
 */
export function podGarbageCollector(): Controller {
  /** When a node that pods name was first found missing. */
  const missing = new Map<string, number>();
  return {
    name: 'pod-garbage-collector',
    reads: [Pods, Nodes],
    initially: [{ name: 'cluster' }],

    async reconcile(_key, cluster) {
      const pods = cluster.list(Pods);
      await removeFinished(pods, cluster);
      await removeOrphans(pods, missing, cluster);
      for (const pod of pods) {
        if (!pod.spec.nodeName && pod.metadata.deletionTimestamp !== undefined) await removeNow(pod, cluster);
      }
      return againAfter(lookEveryMs);
    },
  };
}

async function removeFinished(pods: readonly Readonly<Pod>[], cluster: Cluster): Promise<void> {
  const finished = pods.filter(isFinished);
  const surplus = finished.length - finishedKept;
  if (surplus <= 0) return;
  const byAge = finished.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  );
  for (const pod of byAge.slice(0, surplus)) await removeNow(pod, cluster);
}

async function removeOrphans(
  pods: readonly Readonly<Pod>[],
  missing: Map<string, number>,
  cluster: Cluster,
): Promise<void> {
  const named = new Set(pods.flatMap(({ spec }) => (spec.nodeName ? [spec.nodeName] : [])));
  const lost = new Set([...named].filter((name) => cluster.get(Nodes, { name }) === undefined));
  for (const name of missing.keys()) if (!lost.has(name)) missing.delete(name);
  const now = cluster.clock.monotonic();
  for (const name of lost) {
    const since = missing.get(name) ?? now;
    missing.set(name, since);
    if (now - since < quarantineMs || !(await isGone(name, cluster))) continue;
    for (const pod of pods.filter(({ spec }) => spec.nodeName === name)) await giveUp(pod, cluster);
  }
}

async function isGone(node: string, { client }: Cluster): Promise<boolean> {
  try {
    await client.get(Nodes, { name: node });
    return false;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return true;
    throw error;
  }
}

/** Nobody can report on the pod any more, so it failed. */
async function giveUp(pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  if (!isFinished(pod)) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: rfc3339(cluster.clock.now()),
    };
    const body = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', conditions: [condition] } };
    await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body }, { subresource: 'status' });
  }
  await removeNow(pod, cluster);
}

async function removeNow(pod: Readonly<Pod>, cluster: Cluster): Promise<void> {
  await cluster.delete(Pods, pod, { gracePeriodSeconds: 0 });
}
