import type { ValidatingAdmissionPolicySpec } from '../../../api/admissionregistration/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { notSupported } from '../../../apimachinery/validation.ts';
import type { Steps } from '../../../base/in-steps.ts';
import type { Errors } from '../checks.ts';
import { checkMatchConditions } from './match-conditions.ts';
import { checkMatchConstraints, checkParamKind } from './match-resources.ts';

type Common = Pick<
  ValidatingAdmissionPolicySpec,
  'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions'
>;

const failurePolicies = ['Fail', 'Ignore'];

/** What policies of both kinds have in common, without their variables. */
export function* checkPolicy(errors: Errors, spec: Readonly<Common>, old: Readonly<Common> | undefined): Steps<void> {
  const { failurePolicy, paramKind, matchConstraints, matchConditions = [] } = spec;
  if (failurePolicy !== undefined && !failurePolicies.includes(failurePolicy))
    errors.push(notSupported('spec.failurePolicy', failurePolicy, failurePolicies));
  checkParamKind(errors, paramKind);
  checkMatchConstraints(errors, matchConstraints);
  const isAsBefore =
    old !== undefined &&
    jsonEqual(old.paramKind ?? null, paramKind ?? null) &&
    jsonEqual(old.matchConditions ?? null, spec.matchConditions ?? null);
  if (!isAsBefore)
    yield* checkMatchConditions(errors, matchConditions, 'spec.matchConditions', paramKind !== undefined);
}
