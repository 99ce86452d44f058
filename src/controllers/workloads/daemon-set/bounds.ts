import type { DaemonSet } from '../../../api/apps/v1/types.ts';
import { scaledValue } from '../../../apimachinery/int-or-string.ts';

export interface Bounds {
  /** On how many nodes a second pod may run. */
  readonly surge: number;
  /** How many nodes may be without a pod that is available. */
  readonly unavailable: number;
}

/** Shares are of the nodes that should have a pod, rounded up. Where both come to 0, one node may be without. */
export function boundsOf({ spec: { updateStrategy } }: Readonly<DaemonSet>, nodes: number): Bounds {
  if (updateStrategy?.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const { maxSurge = 0, maxUnavailable = 1 } = updateStrategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, nodes, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, nodes, 'up') ?? 0;
  return { surge, unavailable: nodes > 0 && surge === 0 && unavailable === 0 ? 1 : unavailable };
}
