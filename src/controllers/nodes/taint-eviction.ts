import { Nodes, Pods, type Node, type Pod, type Taint } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { accepts } from '../../apimachinery/selectors/toleration.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { againAfter, settled, type Controller } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { evictPod } from '../evict-pod.ts';
import { isFinished, observed } from '../pod-state.ts';

const reason = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' };

/** Deletes pods from nodes with NoExecute taints: those without toleration at once, others when their patience ends. */
export function taintEvictionController(): Controller<Pod> {
  /** Pods whose time is running. */
  const scheduled = new Set<string>();
  return {
    name: 'taint-eviction-controller',
    identity: 'node-controller',
    for: Pods,
    watches: [
      {
        type: Nodes,
        wakes(node: Readonly<Node>, cluster, old) {
          if (old !== undefined && equalJson(noExecuteTaints(old), noExecuteTaints(node))) return [];
          if (old === undefined && noExecuteTaints(node).length === 0) return [];
          return cluster.podsOn(node.metadata.name).map(({ metadata }) => metadata);
        },
      },
    ],
    concurrency: 8,

    async reconcile(key, cluster) {
      const pod = cluster.get(Pods, key);
      const name = keyText(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isFinished(pod)) {
        scheduled.delete(name);
        return settled;
      }
      const node = pod.spec.nodeName === undefined ? undefined : cluster.get(Nodes, { name: pod.spec.nodeName });
      const at = node === undefined ? undefined : evictionTime(pod, noExecuteTaints(node));
      if (at === undefined) {
        if (scheduled.delete(name))
          cluster.events.record(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${name}`);
        return settled;
      }
      const wait = at - cluster.clock.now();
      if (wait > 0) {
        scheduled.add(name);
        return againAfter(wait);
      }
      cluster.events.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${name}`);
      await evictPod(pod, { ...reason, ...observed(pod) }, cluster);
      scheduled.delete(name);
      return settled;
    },
  };
}

function noExecuteTaints({ spec }: Readonly<Node>): readonly Taint[] {
  return spec?.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];
}

/** When the pod has to go, in milliseconds since the epoch; `undefined` if it may stay. */
export function evictionTime({ metadata, spec }: Readonly<Pod>, taints: readonly Taint[]): number | undefined {
  const times = taints.map((taint) => {
    const start = Math.max(parseTime(taint.timeAdded) ?? 0, parseTime(metadata.creationTimestamp) ?? 0);
    const tolerations = (spec.tolerations ?? []).filter((toleration) => accepts(toleration, taint));
    if (tolerations.length === 0) return start;
    const limits = tolerations.flatMap(({ tolerationSeconds }) =>
      tolerationSeconds === undefined ? [] : [tolerationSeconds],
    );
    return limits.length === 0 ? undefined : start + Math.max(0, Math.min(...limits)) * 1000;
  });
  const limited = times.filter((time) => time !== undefined);
  return limited.length === 0 ? undefined : Math.min(...limited);
}
