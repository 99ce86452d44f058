import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { makePod } from '../testing/pods.ts';
import { ContentRoom } from './content-room.ts';
import { PodVolume } from './pod-volume.ts';
import { WaitsForAttach, type NodeVolume, type VolumeDriver } from './volume-driver.ts';
import { VolumeTable } from './volume-table.ts';

test('a volume that waits to be attached waits no more once its driver says that it need not be', async () => {
  const clock = new VirtualClock();
  let isToBeAttached = true;
  const driver: VolumeDriver = {
    name: 'example/remote',
    supports: () => true,
    open(): NodeVolume {
      const attachable = isToBeAttached;
      const shared = {
        id: 'example/remote^v',
        attachable,
        attached: async () => {
          if (attachable) throw new WaitsForAttach('context deadline exceeded');
        },
        stage: async () => undefined,
        unstage: async () => undefined,
      };
      return { shared, publish: async () => ({ path: '/v', readOnly: false }) };
    },
  };
  const table = new VolumeTable([driver], () => undefined);
  const pod = makePod({ volumes: [{ name: 'v', emptyDir: {} }] });
  const options = { drivers: [driver], table, read: async () => undefined, clock, onChange: () => undefined };
  const volume = new PodVolume(options, pod, pod.spec.volumes![0]!, new ContentRoom());
  assert.equal(await volume.setUp(pod), undefined);
  assert.deepEqual([volume.published, table.inUse()], [undefined, ['example/remote^v']]);
  isToBeAttached = false;
  await clock.advance(volume.retryAt - clock.now());
  await volume.setUp(pod);
  assert.deepEqual([volume.published?.path, table.inUse()], ['/v', []]);
});
