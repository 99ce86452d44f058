import { Nodes, Pods, type Node, type Pod } from '../../api/core/v1/types.ts';
import { keyOf, keyText } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { againAfter, type Cluster, type Controller } from '../../reconciler/controller.ts';
import { isFinished, observed } from '../pod-state.ts';

const lookEveryMs = 20_000;
/** How long a node must have been missing until its pods are given up, in milliseconds. */
const quarantineMs = 40_000;
/** How many finished pods may stay to be looked at. */
const finishedKept = 12_500;
/** Says that a node was switched off for good: somebody has looked, so its pods may be given up. */
const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

/**
 * Removes pods that nobody else will: of nodes that are gone or out of service, deleted before they got a node, and the
 * oldest finished ones.
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
      for (const pod of surplusOfFinished(pods)) await giveUp(pod, undefined, cluster);
      for (const pod of pods.filter(isGoing)) {
        const { nodeName } = pod.spec;
        const node = nodeName ? cluster.get(Nodes, { name: nodeName }) : undefined;
        if (!nodeName || (node !== undefined && isOutOfService(node))) await giveUp(pod, undefined, cluster);
      }
      const gone = await goneNodes(pods, missing, cluster);
      for (const pod of pods)
        if (gone.has(pod.spec.nodeName ?? '')) await giveUp(pod, 'PodGC: node no longer exists', cluster);
      return againAfter(lookEveryMs);
    },
  };
}

function isGoing({ metadata }: Readonly<Pod>): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isOutOfService({ spec, status }: Readonly<Node>): boolean {
  const isReady = status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
  return !isReady && spec?.taints?.some(({ key }) => key === outOfServiceTaint) === true;
}

/** Those that were evicted first, then the oldest. */
function surplusOfFinished(pods: readonly Readonly<Pod>[]): readonly Readonly<Pod>[] {
  const finished = pods.filter(isFinished);
  const surplus = finished.length - finishedKept;
  if (surplus <= 0) return [];
  const wasKept = ({ status }: Readonly<Pod>): number => (status?.reason === 'Evicted' ? 0 : 1);
  return finished
    .toSorted(
      (a, b) =>
        wasKept(a) - wasKept(b) ||
        (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
        (a.metadata.name < b.metadata.name ? -1 : 1),
    )
    .slice(0, surplus);
}

/** The nodes that pods name, and that have been missing for long enough and still are. */
async function goneNodes(
  pods: readonly Readonly<Pod>[],
  missing: Map<string, number>,
  cluster: Cluster,
): Promise<ReadonlySet<string>> {
  const named = new Set(pods.flatMap(({ spec }) => (spec.nodeName ? [spec.nodeName] : [])));
  const lost = new Set([...named].filter((name) => cluster.get(Nodes, { name }) === undefined));
  for (const name of missing.keys()) if (!lost.has(name)) missing.delete(name);
  const now = cluster.clock.monotonic();
  const gone = new Set<string>();
  for (const name of lost) {
    const since = missing.get(name) ?? now;
    missing.set(name, since);
    if (now - since >= quarantineMs && (await isGone(name, cluster))) gone.add(name);
  }
  return gone;
}

/** What cannot be asked now is asked again next time. */
async function isGone(node: string, { client, log }: Cluster): Promise<boolean> {
  try {
    await client.get(Nodes, { name: node });
    return false;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return true;
    log.warn('cannot tell whether a node is gone', { node, error: String(error) });
    return false;
  }
}

/**
 * Nobody can report on the pod any more, so it failed, and goes. One that must not be changed does not keep the others:
 * it is tried again next time. `disruption`: why it is told that it was disrupted.
 */
async function giveUp(pod: Readonly<Pod>, disruption: string | undefined, cluster: Cluster): Promise<void> {
  try {
    if (!isFinished(pod)) await markFailed(pod, disruption, cluster);
    await cluster.delete(Pods, pod, { gracePeriodSeconds: 0 });
  } catch (error) {
    if (isStatus(error, 'NotFound')) return;
    cluster.log.warn('a pod cannot be given up', { pod: keyText(keyOf(pod)), error: String(error) });
  }
}

async function markFailed(pod: Readonly<Pod>, disruption: string | undefined, cluster: Cluster): Promise<void> {
  const condition = {
    type: 'DisruptionTarget',
    ...observed(pod),
    status: 'True',
    reason: 'DeletionByPodGC',
    message: disruption,
    lastTransitionTime: rfc3339(cluster.clock.now()),
  };
  const status = {
    phase: 'Failed',
    ...observed(pod),
    ...(disruption === undefined ? {} : { conditions: [condition] }),
  };
  const body = { metadata: { uid: pod.metadata.uid }, status };
  await cluster.patch(Pods, keyOf(pod), { type: 'strategic', body }, { subresource: 'status' });
}
