import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf } from '../../pods/pod-containers.ts';
import { StartRefusal } from '../../pods/start-refusal.ts';
import { messages, setUpVolumes } from '../../testing/volumes.ts';
import type { VolumeDisk } from '../volume-disk.ts';

const imageVolume = { name: 'v', image: { reference: 'data:v1', pullPolicy: 'Always' } } as const;

test('an image is pulled once in the life of a pod, and held as long', async () => {
  const { volumes, pod, runtime } = setUpVolumes(imageVolume);
  const image = (await runtime.imageStatus('data:v1'))!;
  assert.deepEqual(await messages(volumes.setUp(pod)), []);
  let pulls = 0;
  const pull = async () => (pulls++, image);
  const refusal = new StartRefusal('ErrImagePull', 'no such image', 0);
  await assert.rejects(
    volumes.showImage(pod, imageVolume, () => Promise.reject(refusal)),
    refusal,
  );
  await volumes.showImage(pod, imageVolume, pull);
  await volumes.showImage(pod, imageVolume, pull);
  assert.equal(pulls, 1);
  const [container] = containersOf(pod);
  const mount = { containerPath: '/v', hostPath: '/volumes/v', readOnly: false, propagation: 'private' };
  assert.deepEqual(await volumes.mountsOf(pod, container!, () => undefined), [mount]);
  assert.deepEqual(await runtime.imageHolders(), ['u1']);
  await volumes.tearDown('u1');
  assert.deepEqual(await runtime.imageHolders(), []);
});

test('what an earlier kubelet held for a pod that is gone is found', async () => {
  const { volumes, runtime } = setUpVolumes(imageVolume);
  const { id } = (await runtime.imageStatus('data:v1'))!;
  await runtime.holdImage(id, { podUid: 'gone', volume: 'v' });
  assert.deepEqual(await volumes.podUids(), ['gone']);
});

test('an image that cannot be shown, and a folder that it does not have, say so as CRI does', async () => {
  const broken = { makeLayered: () => Promise.reject(new Error('no overlay')) };
  const { volumes, pod } = setUpVolumes(imageVolume, {}, broken);
  await assert.rejects(
    volumes.showImage(pod, imageVolume, () => assert.fail()),
    { message: 'ImageVolumeMountFailed: no overlay' },
  );
  const subPath = (...[, , { mustExist }]: Parameters<VolumeDisk['subPath']>) =>
    Promise.reject(new Error(`must exist: ${mustExist}`));
  const other = setUpVolumes(imageVolume, { subPath: 'none' }, { subPath });
  await other.volumes.showImage(other.pod, imageVolume, async () => (await other.runtime.imageStatus('data:v1'))!);
  await assert.rejects(
    other.volumes.mountsOf(other.pod, containersOf(other.pod)[0]!, () => undefined),
    { name: 'Error', message: 'ImageVolumeMountFailed: must exist: true' },
  );
});
