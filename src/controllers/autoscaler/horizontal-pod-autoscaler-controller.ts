import { HorizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../api/autoscaling/v2/types.ts';
import { Pods, type Pod } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import type { LabelMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { againAfter, settled, type Controller } from '../../reconciler/controller.ts';
import type { ServedResources } from '../served-resources.ts';
import type { History } from './bounds.ts';
import { look } from './look.ts';

/** How often each autoscaler measures. */
const everyMs = 15_000;

interface Memory extends History {
  /** When it measures next. */
  due: number;
  /** What chooses its pods, as it saw last. */
  selects?: LabelMatcher;
}

/**
 * Measures what the pods of each autoscaler's target use, every 15 seconds, and gives the target the size that the
 * metrics ask for ("Horizontal Pod Autoscaling").
 */
export function horizontalPodAutoscalerController(served: ServedResources): Controller<HorizontalPodAutoscaler> {
  /** By `namespace/name`. */
  const memories = new Map<string, Memory>();

  /** The autoscalers of the namespace that choose some of these pods, the one that asks first. */
  function choosers(namespace: string, name: string, selects: LabelMatcher, pods: readonly Readonly<Pod>[]): string[] {
    const prefix = `${namespace}/`;
    memories.get(prefix + name)!.selects = selects;
    const others = [...memories].filter(
      ([key, other]) =>
        key.startsWith(prefix) &&
        key !== prefix + name &&
        pods.some(({ metadata }) => other.selects?.matches(metadata.labels)),
    );
    return [name, ...others.map(([key]) => key.slice(prefix.length))];
  }

  return {
    name: 'horizontal-pod-autoscaler',
    for: HorizontalPodAutoscalers,
    reads: [Pods],
    concurrency: 5,

    async reconcile(key, cluster) {
      const autoscaler = cluster.get(HorizontalPodAutoscalers, key);
      const id = keyText(key);
      if (autoscaler === undefined) {
        memories.delete(id);
        return settled;
      }
      const now = cluster.clock.now();
      const memory: Memory = memories.get(id) ?? { due: now + everyMs, recommendations: [], changes: [] };
      memories.set(id, memory);
      if (now < memory.due) return againAfter(memory.due - now);
      memory.due = now + everyMs;
      const status = await look(autoscaler, { cluster, history: memory, served: served.current(), choosers });
      await cluster.updateStatus(HorizontalPodAutoscalers, autoscaler, status);
      return againAfter(everyMs);
    },
  };
}
