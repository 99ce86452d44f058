import type { Device, DeviceTaint, DeviceToleration } from '../../api/resource/v1/types.ts';

/** Whether a taint keeps the device from being given to somebody with these tolerations. */
export function isTaintedFor(
  { taints = [] }: Readonly<Device>,
  tolerations: readonly DeviceToleration[] = [],
): boolean {
  return taints.some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

function tolerates({ key, effect, operator = 'Equal', value }: DeviceToleration, taint: DeviceTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  return operator === 'Exists' || (operator === 'Equal' && (value ?? '') === (taint.value ?? ''));
}
