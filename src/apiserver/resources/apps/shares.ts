import { isPercent, type IntOrString } from '../../../apimachinery/int-or-string.ts';
import { percentText } from '../../../apimachinery/names.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { checkNonNegative, complain, type Errors } from '../checks.ts';

/** A number of pods, or a share of them: not negative, well formed. */
export function checkShare(errors: Errors, value: IntOrString, field: string): void {
  if (typeof value === 'number') checkNonNegative(errors, field, value);
  else complain(errors, field, value, percentText(value));
}

export function checkPercentLimit(errors: Errors, value: IntOrString, field: string): void {
  if (isPercent(value) && shareNumber(value) > 100) errors.push(invalid(field, value, 'must not be greater than 100%'));
}

/** The number, also where it is a text, or that before the percent sign; 0 for anything else. */
export function shareNumber(value: IntOrString): number {
  if (typeof value === 'number') return value;
  if (isPercent(value)) return Number(value.slice(0, -1));
  return /^[+-]?\d+$/.test(value) ? Number(value) : 0;
}
