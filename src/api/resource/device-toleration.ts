import type { DeviceTaint, DeviceToleration } from './v1/types.ts';

/** Whether the toleration is for the taint; without an effect or a key it is for all of them. */
export function toleratesDevice(
  { key, effect, operator = 'Equal', value }: Readonly<DeviceToleration>,
  taint: Readonly<DeviceTaint>,
): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (operator === 'Equal' && (value ?? '') === (taint.value ?? ''));
}
