import type { ObjectMeta } from '../../../apimachinery/object.ts';

/** Where the first version of an autoscaler keeps what it has no fields for. */
export const kept = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

const all: readonly string[] = [
  ...Object.values(kept),
  'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
];

/** Takes those annotations away, in place; `annotations` itself is not changed. */
export function withoutKept(metadata: ObjectMeta): void {
  const { annotations } = metadata;
  if (annotations === undefined || !all.some((name) => Object.hasOwn(annotations, name))) return;
  const others = Object.entries(annotations).filter(([name]) => !all.includes(name));
  if (others.length > 0) metadata.annotations = Object.fromEntries(others);
  else delete metadata.annotations;
}
