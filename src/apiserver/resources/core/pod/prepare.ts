import type { Pod, PodAffinityTerm, PodSpec } from '../../../../api/core/v1/types.ts';
import { rfc3339 } from '../../../../apimachinery/time.ts';
import type { ServerContext } from '../../../context.ts';
import { qualityOfService } from './quality-of-service.ts';

/** A pod's first status, and what the server writes into its spec when it is born. */
export function preparePod(draft: Pod, { clock }: Pick<ServerContext, 'clock'>): void {
  draft.status = { phase: 'Pending', qosClass: qualityOfService(draft.spec) };
  if (draft.spec.schedulingGates?.length)
    draft.status.conditions = [
      {
        type: 'PodScheduled',
        status: 'False',
        lastProbeTime: null as never,
        lastTransitionTime: rfc3339(clock.now()),
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      } as NonNullable<NonNullable<Pod['status']>['conditions']>[number],
    ];
  raiseNegativeGrace(draft);
  for (const term of affinityTerms(draft.spec)) selectByOwnLabels(term, draft.metadata.labels ?? {});
  for (const constraint of draft.spec.topologySpreadConstraints ?? [])
    selectByOwnLabels(constraint, draft.metadata.labels ?? {});
}

/** Negative times were taken once; they mean one second. */
export function raiseNegativeGrace(draft: Pod): void {
  const { spec } = draft;
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) draft.spec = { ...spec, terminationGracePeriodSeconds: 1 };
}

function affinityTerms({ affinity }: PodSpec): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}

/** `matchLabelKeys` become requirements with the values that the pod itself has. */
function selectByOwnLabels(
  term: Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>,
  labels: Readonly<Record<string, string>>,
): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (labelSelector === undefined || matchLabelKeys.length + mismatchLabelKeys.length === 0) return;
  const expressions = (labelSelector.matchExpressions ??= []);
  const add = (key: string, operator: 'In' | 'NotIn') => {
    const value = labels[key];
    if (value !== undefined) expressions.push({ key, operator, values: [value] });
  };
  for (const key of matchLabelKeys) add(key, 'In');
  for (const key of mismatchLabelKeys) add(key, 'NotIn');
  if (expressions.length === 0) delete labelSelector.matchExpressions;
}
