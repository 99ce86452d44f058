import type { DeviceSelector } from '../../api/resource/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import {
  compileDeviceExpression,
  deviceMatches,
  deviceValue,
  type DeviceExpression,
  type DeviceValue,
  type Unusable,
} from '../../cel/device.ts';
import type { ClaimRequests, RequestAlternative } from './requests.ts';
import type { PoolDevice } from './slice-pools.ts';

/** Something that is nobody's fit: an expression that cannot be evaluated, or a search that takes too long. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

const mostExpressions = 256;
const expressions = new BoundedMap<string, DeviceExpression | Unusable>(mostExpressions);

/** Values of devices, as long as their slice is the same. */
const values = new WeakMap<PoolDevice['device'], DeviceValue | { readonly problem: string }>();

/** Whether the class and the alternative choose the device. Tells what each expression cost. Throws {@link AllocationError}. */
export function isChosen(
  { claim }: Pick<ClaimRequests, 'claim'>,
  alternative: RequestAlternative,
  one: PoolDevice,
  spent: (cost: number) => void,
): boolean {
  const { name } = alternative.class.metadata;
  return (
    allMatch(alternative.class.spec.selectors ?? [], one, spent, () => `class ${name}`) &&
    allMatch(alternative.selectors, one, spent, () => `claim ${keyText(claim.metadata)}`)
  );
}

function allMatch(
  selectors: readonly DeviceSelector[],
  one: PoolDevice,
  spent: (cost: number) => void,
  who: () => string,
): boolean {
  return selectors.every(({ cel }, i) => {
    const compiled = expressionOf(cel?.expression ?? '');
    if ('problem' in compiled)
      throw new AllocationError(`${who()}: selector #${i}: CEL compile error: ${compiled.problem}`);
    const value = valueOf(one);
    const answer = 'problem' in value ? { ...value, cost: 0 } : deviceMatches(compiled, value);
    spent(answer.cost);
    if ('problem' in answer)
      throw new AllocationError(`${who()}: selector #${i}: CEL runtime error: ${answer.problem}`);
    return answer.matches;
  });
}

function expressionOf(text: string): DeviceExpression | Unusable {
  const known = expressions.get(text);
  if (known !== undefined) return known;
  const compiled = compileDeviceExpression(text);
  expressions.set(text, compiled);
  return compiled;
}

function valueOf({ device, slice }: PoolDevice): DeviceValue | { readonly problem: string } {
  const known = values.get(device);
  if (known !== undefined) return known;
  const { attributes = {}, capacity = {}, allowMultipleAllocations = false } = device;
  const amounts = Object.entries(capacity).map(([name, { value }]) => [name, parseQuantity(value)] as const);
  const { driver } = slice.spec;
  const made = deviceValue({ driver, allowMultipleAllocations, attributes, capacity: Object.fromEntries(amounts) });
  values.set(device, made);
  return made;
}
