import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerSpec,
  HPAScalingRules,
} from '../../../api/autoscaling/v2/types.ts';
import { pathSegmentNames } from '../../../apimachinery/names.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { complain, type Errors } from '../checks.ts';
import { canonicalQuantity, isNegative } from '../core/pod-spec/quantities.ts';
import { checkMetrics } from './metric-rules.ts';

type Spec = Readonly<HorizontalPodAutoscalerSpec>;

/** Everything that is wrong with the spec, in any version, by the fields that it has in the newer one. */
export function checkSpec(errors: Errors, spec: Spec, old: Spec | undefined): void {
  const { minReplicas, maxReplicas = 0, scaleTargetRef: target = {} as CrossVersionObjectReference } = spec;
  const least = old?.minReplicas === 0 ? 0 : 1;
  if (minReplicas !== undefined && minReplicas < least)
    errors.push(invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`));
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (maxReplicas < 0) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  const isOldTarget =
    old !== undefined &&
    old.scaleTargetRef?.apiVersion === target.apiVersion &&
    old.scaleTargetRef?.kind === target.kind;
  checkReference(errors, target, 'spec.scaleTargetRef', {
    takesAnyVersion: isOldTarget,
    // The only kind without a group that can be scaled.
    needsGroup: target.kind !== 'ReplicationController',
  });
  const hadInvalidMetric = (old?.metrics ?? []).some(
    ({ type, object }) =>
      type === 'Object' &&
      object !== undefined &&
      versionProblem(object.describedObject?.apiVersion ?? '') !== undefined,
  );
  checkMetrics(errors, spec, (reference, field) =>
    checkReference(errors, reference, field, { takesAnyVersion: hadInvalidMetric, needsGroup: false }),
  );
  checkRules(errors, spec.behavior?.scaleUp, 'spec.behavior.scaleUp');
  checkRules(errors, spec.behavior?.scaleDown, 'spec.behavior.scaleDown');
}

function checkReference(
  errors: Errors,
  { kind = '', name = '', apiVersion = '' }: Readonly<CrossVersionObjectReference>,
  field: string,
  { takesAnyVersion, needsGroup }: { readonly takesAnyVersion: boolean; readonly needsGroup: boolean },
): void {
  for (const [part, value] of [
    ['kind', kind],
    ['name', name],
  ] as const)
    if (value === '') errors.push(required(`${field}.${part}`));
    else complain(errors, `${field}.${part}`, value, pathSegmentNames(value, false));
  if (takesAnyVersion) return;
  const problem =
    versionProblem(apiVersion) ??
    (needsGroup && !apiVersion.includes('/') ? 'apiVersion must specify API group' : undefined);
  if (problem !== undefined) errors.push(invalid(`${field}.apiVersion`, apiVersion, problem));
}

function versionProblem(apiVersion: string): string | undefined {
  return apiVersion.split('/').length > 2 ? `unexpected GroupVersion string: ${apiVersion}` : undefined;
}

const longestWindowSeconds = 3600;
const longestPeriodSeconds = 1800;

function checkRules(errors: Errors, rules: Readonly<HPAScalingRules> | undefined, field: string): void {
  if (rules === undefined) return;
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const windowField = `${field}.stabilizationWindowSeconds`;
  if (window < 0) errors.push(invalid(windowField, window, 'must be greater than or equal to zero'));
  if (window > longestWindowSeconds)
    errors.push(invalid(windowField, window, `must be less than or equal to ${longestWindowSeconds}`));
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy))
    errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (policies.length === 0) errors.push(required(`${field}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type = '', value = 0, periodSeconds = 0 }, i) => {
    const each = `${field}.policies[${i}]`;
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${each}.type`, type, ['Percent', 'Pods']));
    if (value <= 0) errors.push(invalid(`${each}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalid(`${each}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > longestPeriodSeconds)
      errors.push(
        invalid(`${each}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriodSeconds}`),
      );
  });
  if (tolerance !== undefined && isNegative(tolerance))
    errors.push(invalid(`${field}.tolerance`, canonicalQuantity(tolerance), 'must be greater than or equal to 0'));
}
