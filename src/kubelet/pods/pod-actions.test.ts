import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Volume } from '../../api/core/v1/types.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { makePod } from '../testing/pods.ts';
import type { VolumeSetUp } from '../volumes/volume-store.ts';
import { preparePod } from './pod-actions.ts';
import type { PodParts } from './pod-parts.ts';

/** What comes of preparing a pod with a volume while the setting up of its volumes goes on, and when it has ended. */
async function prepare(volume: Omit<Volume, 'name'>, { group = Promise.resolve('/group') } = {}) {
  const setUp = Promise.withResolvers<VolumeSetUp>();
  const events: string[] = [];
  const parts = {
    cgroups: { create: () => group },
    volumes: { setUp: () => setUp.promise },
    events: { record: (_pod: unknown, _type: string, reason: string) => events.push(reason) },
  };
  let mayHaveSandbox = false;
  const pod = makePod({ volumes: [{ name: 'files', ...volume }] });
  const prepared = preparePod(parts as unknown as PodParts, pod, () => (mayHaveSandbox = true));
  await group.catch(() => undefined);
  await new VirtualClock().settle();
  const beside = mayHaveSandbox;
  return {
    beside,
    end: async (outcome: VolumeSetUp) => {
      setUp.resolve(outcome);
      return { ...(await prepared), events };
    },
  };
}

test('a sandbox may be made while volumes are set up that surely come', async () => {
  const { beside, end } = await prepare({ emptyDir: {} });
  assert.equal(beside, true);
  assert.deepEqual(await end({ failures: [] }), { prepared: true, events: [] });
});

test('a volume that fails all the same is told, and the pod is not prepared', async () => {
  const { end } = await prepare({ emptyDir: {} });
  const failures = [{ volume: 'files', reason: 'FailedMount', message: 'no' }] as const;
  assert.deepEqual(await end({ failures, againAt: 500 }), { prepared: false, againAt: 500, events: ['FailedMount'] });
});

test('a sandbox waits for volumes that wait for others', async () => {
  const { beside, end } = await prepare({ configMap: { name: 'settings' } });
  assert.equal(beside, false);
  assert.deepEqual(await end({ failures: [] }), { prepared: true, events: [] });
});

test('without a group there is no sandbox', async () => {
  const { beside, end } = await prepare({ emptyDir: {} }, { group: Promise.reject(new Error('no groups')) });
  assert.equal(beside, false);
  assert.deepEqual(await end({ failures: [] }), { prepared: false, events: ['FailedCreatePodContainer'] });
});
