import type { JobSpec, SuccessPolicyRule } from '../../../api/batch/v1/types.ts';
import { invalid, required, tooLong, tooMany } from '../../../apimachinery/validation.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { countIndexes } from './index-list.ts';

const mostRules = 20;
const longestIndexes = 64 * 1024;

/** When an Indexed job counts as done before all of its indexes are. */
export function checkSuccessPolicy(errors: Errors, spec: Readonly<JobSpec>, path: string): void {
  const rules = spec.successPolicy?.rules ?? [];
  const field = `${path}.rules`;
  if (rules.length === 0)
    errors.push(required(field, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > mostRules) errors.push(tooMany(field, rules.length, mostRules));
  rules.forEach((rule, at) => checkRule(errors, rule, spec.completions ?? 0, `${field}[${at}]`));
}

function checkRule(errors: Errors, rule: SuccessPolicyRule, completions: number, path: string): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  let total = 0;
  if (indexes !== undefined) {
    const field = `${path}.succeededIndexes`;
    if (Buffer.byteLength(indexes) > longestIndexes) errors.push(tooLong(field, longestIndexes));
    const counted = countIndexes(indexes, completions);
    if (typeof counted === 'number') total = counted;
    else errors.push(invalid(field, indexes, `error parsing succeededIndexes: ${counted.complaint}`));
  }
  if (count === undefined) return;
  const field = `${path}.succeededCount`;
  const atMost = (limit: number, what: string): string =>
    `must be less than or equal to ${limit} (the number of ${what})`;
  checkNonNegative(errors, field, count);
  if (count > completions) errors.push(invalid(field, count, atMost(completions, 'specified completions')));
  if (indexes !== undefined && count > total)
    errors.push(invalid(field, count, atMost(total, 'indexes in the specified succeededIndexes field')));
}
