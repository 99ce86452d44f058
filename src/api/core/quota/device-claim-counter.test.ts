import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityText } from '../../../apimachinery/quantity.ts';
import type { DeviceRequest, ResourceClaim } from '../../resource/v1/types.ts';
import { deviceClaimCounter } from './device-claim-counter.ts';

const exactly = (deviceClassName: string, count: number) =>
  ({ deviceClassName, allocationMode: 'ExactCount', count }) as const;
const all = (deviceClassName: string) => ({ deviceClassName, allocationMode: 'All' }) as const;

test('a claim counts with the most devices of each class that it may get', () => {
  const requests: DeviceRequest[] = [
    { name: 'a', exactly: exactly('gpu', 2) },
    { name: 'b', exactly: exactly('gpu', 1) },
    { name: 'c', exactly: all('nic') },
    {
      name: 'd',
      firstAvailable: [
        { name: 'x', ...exactly('gpu', 4) },
        { name: 'y', ...exactly('gpu', 6) },
        { name: 'z', ...exactly('small', 8) },
      ],
    },
  ];
  const claim: ResourceClaim = { metadata: { name: 'c' }, spec: { devices: { requests } } };
  const usage = Object.entries(deviceClaimCounter.usage(claim, 0)).map(
    ([name, amount]) => [name, quantityText(amount)] as const,
  );
  assert.deepEqual(Object.fromEntries(usage), {
    'count/resourceclaims.resource.k8s.io': '1',
    'gpu.deviceclass.resource.k8s.io/devices': '9',
    'nic.deviceclass.resource.k8s.io/devices': '32',
    'small.deviceclass.resource.k8s.io/devices': '8',
  });
});

test('other resources have nothing to do with claims of devices', () => {
  assert.equal(deviceClaimCounter.counts('gpu.deviceclass.resource.k8s.io/devices'), true);
  assert.equal(deviceClaimCounter.counts('persistentvolumeclaims'), false);
});
