import type { CertificateSigningRequestCondition } from '../../../api/certificates/v1/types.ts';
import { duplicate, invalid, required } from '../../../apimachinery/validation.ts';
import { checkOneOf, type Errors } from '../checks.ts';

const onlyTrue = ['Approved', 'Denied', 'Failed'];

export function checkConditions(errors: Errors, conditions: readonly CertificateSigningRequestCondition[]): void {
  const seen = new Set<string>();
  conditions.forEach(({ type = '', status = '' }, index) => {
    const field = `status.conditions[${index}]`;
    if (type === '') errors.push(required(`${field}.type`));
    const statuses = onlyTrue.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    checkOneOf(errors, `${field}.status`, status, statuses, { emptyIsMissing: true });
    if ((type === 'Approved' && seen.has('Denied')) || (type === 'Denied' && seen.has('Approved')))
      errors.push(invalid(`${field}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    seen.add(type);
  });
}
