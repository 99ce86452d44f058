import { duplicate, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

/** Each type once, and none without one. */
export function checkConditions(errors: Errors, conditions: readonly { readonly type?: string }[] = []): void {
  const seen = new Set<string>();
  conditions.forEach(({ type = '' }, i) => {
    const field = `status.conditions[${i}].type`;
    if (seen.has(type)) errors.push(duplicate(field, type));
    seen.add(type);
    if (type === '') errors.push(required(field));
  });
}
