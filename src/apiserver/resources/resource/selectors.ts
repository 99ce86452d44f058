import type { CELDeviceSelector, DeviceSelector } from '../../../api/resource/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { forbidden, internalProblem, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { compileDeviceExpression, deviceCostLimit, type Unusable } from '../../../cel/device.ts';
import type { Errors } from '../checks.ts';
import { checkItems } from './bounded.ts';

const mostSelectors = 32;
const longestExpression = 10 * 1024;

export function checkSelectors(errors: Errors, selectors: readonly DeviceSelector[] | undefined, field: string): void {
  checkItems(errors, selectors, field, mostSelectors, (_, { cel }, at) => {
    if (cel === undefined) errors.push(required(`${at}.cel`));
    else checkExpression(errors, cel, `${at}.cel.expression`);
  });
}

/** What was found out of expressions ahead of their check. */
const examined = new WeakMap<CELDeviceSelector, Verdict>();

/** Reads the expressions one by one: each may take some milliseconds, and an object may have hundreds. */
export async function examineSelectors(
  selectors: Iterable<DeviceSelector>,
  nextTurn: () => Promise<void>,
): Promise<void> {
  for (const { cel } of selectors) {
    if (cel === undefined || byteLength(cel.expression ?? '') > longestExpression) continue;
    examined.set(cel, verdictOf(cel.expression ?? ''));
    await nextTurn();
  }
}

/** What is wrong with an expression, if anything, without all that is needed to evaluate it. */
type Verdict = Unusable | { readonly mostCost: number };

function verdictOf(expression: string): Verdict {
  const compiled = compileDeviceExpression(expression);
  return 'problem' in compiled ? compiled : { mostCost: compiled.mostCost };
}

function checkExpression(errors: Errors, cel: CELDeviceSelector, field: string): void {
  const { expression = '' } = cel;
  if (byteLength(expression) > longestExpression) return void errors.push(tooLong(field, longestExpression));
  const compiled = examined.get(cel) ?? verdictOf(expression);
  if (!('problem' in compiled)) {
    if (compiled.mostCost > deviceCostLimit) errors.push(forbidden(field, 'too complex, exceeds cost limit'));
  } else if (compiled.isInternal === true) errors.push(internalProblem(field, compiled.problem));
  else errors.push(invalid(field, expression, compiled.problem));
}
