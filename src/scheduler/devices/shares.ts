import type { CapacityRequirements, Device, DeviceCapacity } from '../../api/resource/v1/types.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantityOf,
  quantityValue,
  type Quantity,
} from '../../apimachinery/quantity.ts';
import type { Amounts } from './device-state.ts';

/**
 * What a request takes of each capacity of a device; `undefined`: the device cannot serve it, even if nobody else has
 * any of it. A capacity that is not asked for counts with its default, or as a whole.
 */
export function shareOf(device: Readonly<Device>, wanted: CapacityRequirements | undefined): Amounts | undefined {
  const { capacity = {} } = device;
  const requests = wanted?.requests ?? {};
  if (Object.keys(requests).some((name) => capacity[name] === undefined)) return undefined;
  const share = new Map<string, Quantity>();
  for (const [name, one] of Object.entries(capacity)) {
    const amount = amountOf(one, requests[name]);
    if (!isAllowed(one, amount)) return undefined;
    share.set(name, amount);
  }
  return share;
}

/** Whether the device has that much left beside what others take. */
export function hasRoom(
  { capacity = {} }: Readonly<Device>,
  share: Amounts,
  ...taken: readonly (Amounts | undefined)[]
): boolean {
  for (const [name, amount] of share) {
    let sum = amount;
    for (const others of taken) {
      const other = others?.get(name);
      if (other !== undefined) sum = addQuantities(sum, other);
    }
    if (compareQuantities(sum, parseQuantity(capacity[name]!.value)) > 0) return false;
  }
  return true;
}

function amountOf({ value, requestPolicy }: DeviceCapacity, wanted: string | undefined): Quantity {
  if (wanted === undefined) return parseQuantity(requestPolicy?.default ?? value);
  const amount = parseQuantity(wanted);
  const { validRange, validValues } = requestPolicy ?? {};
  if (validRange?.min !== undefined) {
    const least = parseQuantity(validRange.min);
    if (compareQuantities(amount, least) < 0) return least;
    return validRange.step === undefined ? amount : inSteps(amount, least, parseQuantity(validRange.step));
  }
  const larger = validValues?.map((one) => parseQuantity(one)).find((one) => compareQuantities(amount, one) <= 0);
  return larger ?? amount;
}

/** The next amount that is a number of steps above the least. */
function inSteps(amount: Quantity, least: Quantity, step: Quantity): Quantity {
  const size = quantityValue(step);
  if (size === 0n) return amount;
  const from = quantityValue(least);
  const steps = (quantityValue(amount) - from + size - 1n) / size;
  return quantityOf(from + size * steps, 'BinarySI');
}

function isAllowed({ requestPolicy }: DeviceCapacity, amount: Quantity): boolean {
  if (!requestPolicy) return true;
  const { default: usual, validRange, validValues = [] } = requestPolicy;
  const is = (text: string): boolean => compareQuantities(amount, parseQuantity(text)) === 0;
  if (usual && is(usual)) return true;
  if (validRange === undefined) return validValues.length === 0 || validValues.some(is);
  if (validRange.max !== undefined && compareQuantities(amount, parseQuantity(validRange.max)) > 0) return false;
  const size = quantityValue(parseQuantity(validRange.step ?? '0'));
  return size === 0n || (quantityValue(amount) - quantityValue(parseQuantity(validRange.min))) % size === 0n;
}
