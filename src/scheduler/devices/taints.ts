import { toleratesDevice } from '../../api/resource/device-toleration.ts';
import type { Device, DeviceToleration } from '../../api/resource/v1/types.ts';

/** Whether a taint keeps the device from being given to somebody with these tolerations. */
export function isTaintedFor(
  { taints = [] }: Readonly<Device>,
  tolerations: readonly DeviceToleration[] = [],
): boolean {
  return taints.some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !tolerations.some((toleration) => toleratesDevice(toleration, taint)),
  );
}
