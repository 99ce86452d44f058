import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../api/autoscaling/v2/types.ts';

/** What an autoscaler remembers of the last hour, in the order of time. */
export interface History {
  /** What the metrics asked for. */
  recommendations: readonly { readonly replicas: number; readonly at: number }[];
  /** By how much it has changed its target: more is positive. */
  changes: readonly { readonly by: number; readonly at: number }[];
}

/** What of a recommendation is carried out, and why no more. */
export interface Bounded {
  readonly replicas: number;
  /** For the condition AbleToScale. */
  readonly able: Reason;
  /** For the condition ScalingLimited. */
  readonly limited: Reason & { readonly isLimited: boolean };
}

export interface Reason {
  readonly reason: string;
  readonly message: string;
}

interface Recommendation {
  readonly spec: Readonly<HorizontalPodAutoscalerSpec>;
  readonly current: number;
  readonly desired: number;
  readonly now: number;
}

/** How long a lower recommendation has to last before pods are taken away. */
const usualFallMs = 5 * 60_000;
const longestMemoryMs = 3600_000;

/** Bounds what is desired by rates, stabilisation windows, minimum and maximum; and remembers it. */
export function bounded(recommendation: Recommendation, history: History): Bounded {
  const { spec, current, desired, now } = recommendation;
  const stable =
    spec.behavior === undefined ? highestRecent(recommendation, history) : stabilized(recommendation, history);
  const isRecent = ({ at }: { readonly at: number }): boolean => at >= now - longestMemoryMs;
  history.recommendations = [...history.recommendations.filter(isRecent), { replicas: desired, at: now }];
  history.changes = history.changes.filter(isRecent);
  const able =
    stable === desired
      ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : spec.behavior === undefined || desired < current
        ? lastHigher
        : lastLower;
  const { replicas, ...limit } =
    spec.behavior === undefined
      ? limitedByRule(recommendation, stable)
      : limitedByRates(recommendation, stable, history);
  return { replicas, able, limited: { ...limit, isLimited: replicas !== stable } };
}

const lastHigher: Reason = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const lastLower: Reason = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};

function highestRecent({ desired, now }: Recommendation, { recommendations }: History): number {
  const recent = recommendations.filter(({ at }) => at >= now - usualFallMs);
  return Math.max(desired, ...recent.map(({ replicas }) => replicas));
}

/** The present size, moved no further than any recommendation of the windows allows. */
function stabilized({ spec, current, desired, now }: Recommendation, { recommendations }: History): number {
  const { scaleUp, scaleDown } = spec.behavior!;
  const within = (rules: Readonly<HPAScalingRules> | undefined, usualMs: number): number[] => {
    const seconds = rules?.stabilizationWindowSeconds;
    const windowMs = seconds === undefined ? usualMs : seconds * 1000;
    return recommendations.filter(({ at }) => at > now - windowMs).map(({ replicas }) => replicas);
  };
  const lowest = Math.min(desired, ...within(scaleUp, 0));
  const highest = Math.max(desired, ...within(scaleDown, usualFallMs));
  return Math.min(Math.max(current, lowest), highest);
}

type Limit = Reason & { readonly replicas: number };

const withinRange = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const tooFew = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const tooMany = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const tooFast = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const tooFastDown = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** Without rules of its own, an autoscaler at most doubles its target at a time, or makes four of fewer. */
function limitedByRule({ spec, current }: Recommendation, desired: number): Limit {
  const least = spec.minReplicas ?? 1;
  const fastest = Math.max(2 * current, 4);
  if (desired < least) return { replicas: least, ...tooFew };
  if (desired <= Math.min(fastest, spec.maxReplicas)) return { replicas: desired, ...withinRange };
  return spec.maxReplicas > fastest ? { replicas: fastest, ...tooFast } : { replicas: spec.maxReplicas, ...tooMany };
}

function limitedByRates({ spec, current, now }: Recommendation, desired: number, { changes }: History): Limit {
  const { scaleUp = {}, scaleDown = {} } = spec.behavior!;
  if (desired > current) {
    const fastest = Math.max(current, rateLimit(scaleUp, current, changes, now, 1));
    if (desired <= Math.min(fastest, spec.maxReplicas)) return { replicas: desired, ...withinRange };
    return spec.maxReplicas > fastest ? { replicas: fastest, ...tooFast } : { replicas: spec.maxReplicas, ...tooMany };
  }
  if (desired < current) {
    const least = spec.minReplicas ?? 1;
    const fastest = Math.min(current, rateLimit(scaleDown, current, changes, now, -1));
    if (desired >= Math.max(fastest, least)) return { replicas: desired, ...withinRange };
    return least < fastest ? { replicas: fastest, ...tooFastDown } : { replicas: least, ...tooFew };
  }
  return { replicas: desired, ...withinRange };
}

/** The size that the policies allow, from what there was at the beginning of each one's period. */
function rateLimit(
  { selectPolicy = 'Max', policies = [] }: Readonly<HPAScalingRules>,
  current: number,
  changes: History['changes'],
  now: number,
  direction: 1 | -1,
): number {
  if (selectPolicy === 'Disabled') return current;
  const allowed = policies.map(({ type, value, periodSeconds }) => {
    const since = changes.filter(({ at }) => at > now - periodSeconds * 1000);
    const start = current - since.reduce((sum, { by }) => sum + by, 0);
    if (type === 'Pods') return start + direction * value;
    const share = start * (1 + (direction * value) / 100);
    return direction > 0 ? Math.ceil(share) : Math.trunc(share);
  });
  const isLargestChange = selectPolicy !== 'Min';
  return isLargestChange === direction > 0 ? Math.max(...allowed) : Math.min(...allowed);
}
