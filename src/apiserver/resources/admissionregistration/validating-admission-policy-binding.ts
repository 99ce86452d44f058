import { ValidatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/types.ts';
import { duplicate, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { policyBinding } from './policy-binding.ts';

const actions = ['Audit', 'Deny', 'Warn'];
const sayingItTwice =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';

/** Where a policy is in force, and what follows where it is not met. */
export const validatingAdmissionPolicyBinding = policyBinding(ValidatingAdmissionPolicyBindings, (errors, spec) =>
  checkActions(errors, spec.validationActions ?? [], 'spec.validationActions'),
);

function checkActions(errors: Errors, given: readonly string[], field: string): void {
  const seen = new Set<string>();
  given.forEach((action, i) => {
    if (!actions.includes(action)) errors.push(notSupported(`${field}[${i}]`, action, actions));
    if (seen.has(action)) errors.push(duplicate(`${field}[${i}]`, action));
    seen.add(action);
  });
  if (seen.has('Deny') && seen.has('Warn')) errors.push(invalid(field, given, sayingItTwice));
  if (seen.size === 0) errors.push(required(field, 'at least one validation action is required'));
}
