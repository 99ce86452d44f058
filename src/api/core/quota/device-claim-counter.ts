import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from '../../resource/v1/types.ts';
import { addQuantities, quantityOf, type Quantity } from '../../../apimachinery/quantity.ts';
import { one } from './amounts.ts';
import type { Counter } from './counter.ts';

const claims = 'count/resourceclaims.resource.k8s.io';
/** Behind the name of a device class: how many devices of it may be asked for. */
const ofClass = '.deviceclass.resource.k8s.io/devices';
/** What asking for all devices counts for: no claim gets more. */
const mostDevices = 32;

/** Claims of devices count by themselves, and with the devices that they ask for, by class. */
export const deviceClaimCounter: Counter<ResourceClaim> = {
  counts: (name) => name === claims || name.endsWith(ofClass),

  usage({ spec }) {
    const usage: Record<string, Quantity> = { [claims]: one };
    for (const { exactly, firstAvailable } of spec.devices?.requests ?? [])
      for (const [name, count] of mostByClass(exactly ? [exactly] : (firstAvailable ?? []))) {
        const quantity = quantityOf(count);
        const before = usage[name + ofClass];
        usage[name + ofClass] = before === undefined ? quantity : addQuantities(before, quantity);
      }
    return usage;
  },
};

/** Of ways to serve a request one is taken: for each class that counts which asks for the most of it. */
function mostByClass(ways: readonly (ExactDeviceRequest | DeviceSubRequest)[]): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const { deviceClassName, allocationMode, count = 0 } of ways) {
    const devices = allocationMode === 'All' ? mostDevices : count;
    most.set(deviceClassName, Math.max(devices, most.get(deviceClassName) ?? 0));
  }
  return most;
}
