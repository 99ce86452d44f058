import type {
  CapacityRequestPolicy,
  CapacityRequestPolicyRange,
  DeviceCapacity,
} from '../../../api/resource/v1/types.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantityText,
  quantityValue,
  type Quantity,
} from '../../../apimachinery/quantity.ts';
import { forbidden, invalid, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { checkSet } from './bounded.ts';

const mostValues = 10;

/** A capacity of a device that is given to one claim as a whole. */
export function checkWholeCapacity(errors: Errors, { requestPolicy }: DeviceCapacity, field: string): void {
  if (requestPolicy !== undefined)
    errors.push(forbidden(`${field}.requestPolicy`, 'allowMultipleAllocations must be true'));
}

/** A capacity of which several claims take their shares. */
export function checkSharedCapacity(errors: Errors, { value, requestPolicy }: DeviceCapacity, field: string): void {
  if (requestPolicy !== undefined)
    checkPolicy(errors, parseQuantity(value ?? '0'), requestPolicy, `${field}.requestPolicy`);
}

function checkPolicy(errors: Errors, whole: Quantity, policy: CapacityRequestPolicy, field: string): void {
  const { default: usual, validValues = [], validRange } = policy;
  const rule = validValues.length > 0 ? 'validValues' : validRange !== undefined ? 'validRange' : undefined;
  if (rule === undefined) return;
  if (validValues.length > 0 && validRange !== undefined)
    return void errors.push(
      forbidden(
        field,
        'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time',
      ),
    );
  if (usual === undefined || usual === null)
    return void errors.push(required(`${field}.default`, `required when ${rule} is defined`));
  const amount = parseQuantity(usual);
  if (rule === 'validValues')
    checkValues(
      errors,
      amount,
      whole,
      validValues.map((value) => parseQuantity(value)),
      `${field}.validValues`,
    );
  else checkRange(errors, amount, whole, validRange!, `${field}.validRange`);
}

function checkValues(
  errors: Errors,
  usual: Quantity,
  whole: Quantity,
  values: readonly Quantity[],
  field: string,
): void {
  values.forEach((value, i) => {
    if (i > 0 && isMore(values[i - 1]!, value))
      errors.push(invalid(`${field}[${i}]`, quantityText(value), 'values must be sorted in ascending order'));
  });
  let isFound = false;
  const keyOf = (value: Quantity) => String(quantityValue(value));
  checkSet(errors, values, field, mostValues, keyOf, (_, value, at) => {
    if (isMore(value, whole)) {
      const rule = `option is larger than capacity value: ${quantityText(whole)}`;
      errors.push(invalid(at, quantityText(value), rule));
    }
    isFound ||= compareQuantities(value, usual) === 0;
  });
  if (!isFound)
    errors.push(invalid(field, quantityText(usual), 'default value is not valid according to the requestPolicy'));
}

function checkRange(
  errors: Errors,
  usual: Quantity,
  whole: Quantity,
  range: CapacityRequestPolicyRange,
  field: string,
): void {
  if (range.min === undefined) return void errors.push(required(`${field}.min`, 'required when validRange is defined'));
  const complain = (name: string, value: Quantity, rule: string, other: Quantity) =>
    errors.push(invalid(`${field}.${name}`, quantityText(value), `${rule}: ${quantityText(other)}`));
  const min = parseQuantity(range.min);
  const max = range.max === undefined ? undefined : parseQuantity(range.max);
  if (isMore(min, whole)) complain('min', min, 'min is larger than capacity value', whole);
  if (isMore(min, usual)) complain('min', usual, 'default is less than min', min);
  if (max !== undefined) {
    if (isMore(min, max)) complain('max', min, 'min is larger than max', max);
    if (isMore(max, whole)) complain('max', max, 'max is larger than capacity value', whole);
    if (isMore(usual, max)) complain('max', usual, 'default is more than max', max);
  }
  if (range.step === undefined) return;
  const step = parseQuantity(range.step);
  const next = addQuantities(min, step);
  if (isMore(next, whole))
    complain('step', step, `one step ${quantityText(next)} is larger than capacity value`, whole);
  for (const value of max === undefined ? [usual] : [usual, max])
    if (!isWholeSteps(value, min, step))
      errors.push(
        invalid(
          `${field}.step`,
          quantityText(value),
          `value is not a multiple of a given step (${quantityText(step)}) from (${quantityText(min)})`,
        ),
      );
}

/** Fractions are rounded up first. A step of nothing leads nowhere: Kubernetes' server breaks down on one. */
function isWholeSteps(value: Quantity, min: Quantity, step: Quantity): boolean {
  const size = quantityValue(step);
  const distance = quantityValue(value) - quantityValue(min);
  return size === 0n ? distance === 0n : distance % size === 0n;
}

function isMore(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) > 0;
}
