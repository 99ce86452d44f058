import { checkOneOf, type Errors } from '../../checks.ts';

const policies = ['Always', 'IfNotPresent', 'Never'];

export function checkPullPolicy(errors: Errors, policy: string | undefined, field: string): void {
  checkOneOf(errors, field, policy, policies, { emptyIsMissing: true });
}
