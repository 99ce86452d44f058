import type { Pod } from '../../api/core/v1/types.ts';

/** What `system-cluster-critical` stands for, the lower one of the two classes. */
const leastPriority = 2_000_000_000;

/** Whether the node or the cluster may not work without it, by its priority. */
export function isCritical({ spec }: Readonly<Pod>): boolean {
  return (spec.priority ?? 0) >= leastPriority;
}
