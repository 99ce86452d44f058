import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceTaint, DeviceToleration, ResourceClaim } from '../../api/resource/v1/types.ts';
import { deviceEvictionTime } from './device-taint-eviction.ts';

const taint: DeviceTaint = { key: 'k', effect: 'NoExecute', timeAdded: '2026-01-01T00:01:00Z' };
const forSeconds = (tolerationSeconds: number | undefined, more: DeviceToleration = {}): DeviceToleration => ({
  key: 'k',
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
  ...more,
});

const rows: readonly (readonly [what: string, tolerations: DeviceToleration[], seconds: number | undefined])[] = [
  ['at once without a toleration', [], 60],
  ['never with one that has no end', [forSeconds(undefined)], undefined],
  ['never with one that has no end among others', [forSeconds(3), forSeconds(undefined, { key: '' })], undefined],
  ['after its patience', [forSeconds(30)], 90],
  ['after the least patience of several', [forSeconds(30), forSeconds(5)], 65],
  ['at once if the patience is less than none', [forSeconds(-5)], 60],
  ['at once if the toleration does not name the effect', [{ key: 'k', operator: 'Exists' }], 60],
  ['at once if the value differs', [forSeconds(undefined, { operator: 'Equal', value: 'v' })], 60],
];

for (const [what, tolerations, seconds] of rows)
  test(`a pod with a tainted device goes ${what}`, () => {
    const time = deviceEvictionTime(claimOf([{ device: 'a', tolerations }]), () => [taint]);
    assert.equal(time, seconds === undefined ? undefined : Date.UTC(2026, 0, 1) + seconds * 1000);
  });

test('of several devices the first to be given up decides, and one without taints has no say', () => {
  const claim = claimOf([
    { device: 'a', tolerations: [forSeconds(30)] },
    { device: 'b', tolerations: [forSeconds(20)] },
    { device: 'c' },
  ]);
  const time = deviceEvictionTime(claim, ({ device }) => (device === 'c' ? [] : [taint]));
  assert.equal(time, Date.UTC(2026, 0, 1) + 80_000);
});

function claimOf(devices: readonly { device: string; tolerations?: DeviceToleration[] }[]): ResourceClaim {
  const results = devices.map((one) => ({ request: 'r', driver: 'd', pool: 'p', ...one }));
  return { metadata: { name: 'c' }, spec: {}, status: { allocation: { devices: { results } } } };
}
