import type { DeviceSelector } from '../../../api/resource/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { forbidden, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { compileDeviceExpression, deviceCostLimit } from '../../../cel/device.ts';
import type { Errors } from '../checks.ts';
import { checkItems } from './bounded.ts';

const mostSelectors = 32;
const longestExpression = 10 * 1024;

export function checkSelectors(errors: Errors, selectors: readonly DeviceSelector[] | undefined, field: string): void {
  checkItems(errors, selectors, field, mostSelectors, (_, { cel }, at) => {
    if (cel === undefined) errors.push(required(`${at}.cel`));
    else checkExpression(errors, cel.expression ?? '', `${at}.cel.expression`);
  });
}

function checkExpression(errors: Errors, expression: string, field: string): void {
  if (byteLength(expression) > longestExpression) return void errors.push(tooLong(field, longestExpression));
  const compiled = compileDeviceExpression(expression);
  if (!('problem' in compiled)) {
    if (compiled.mostCost > deviceCostLimit) errors.push(forbidden(field, 'too complex, exceeds cost limit'));
  } else if (compiled.isInternal === true)
    errors.push({ reason: 'InternalError', field, message: `Internal error: ${compiled.problem}` });
  else errors.push(invalid(field, expression, compiled.problem));
}
