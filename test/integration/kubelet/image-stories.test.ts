import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';
import { image, waitingOf } from './story.ts';

test('images that cannot be had say why, and a repaired name heals the pod', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, rows } = cluster;
  await cluster.createPod('typo', { containers: [{ name: 'app', image: 'registry.invalid/my-app:v9' }] });
  await clock.advance(8000);
  const waiting = (await cluster.pod('typo'))!.status!.containerStatuses![0]!.state!.waiting!;
  assert.match(waiting.message!, /^Back-off pulling image "registry.invalid\/my-app:v9": ErrImagePull: failed to pull/);
  const refusal =
    'failed to pull and unpack image "registry.invalid/my-app:v9": failed to resolve reference "registry.invalid/my-app:v9": dial tcp: lookup registry.invalid: no such host';
  assert.deepEqual(await cluster.events('typo'), [
    'Normal Pulling Pulling image "registry.invalid/my-app:v9"',
    `Warning Failed Failed to pull image "registry.invalid/my-app:v9": ${refusal}`,
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling image "registry.invalid/my-app:v9"',
    'Warning Failed Error: ImagePullBackOff',
  ]);
  const body = { spec: { containers: [{ name: 'app', image }] } };
  await call(client.patch(Pods, { namespace: 'default', name: 'typo' }, { type: 'strategic', body }));
  await clock.advance(1000);
  assert.deepEqual(rows, [
    'typo Pending -',
    'typo Pending app=ContainerCreating',
    'typo Pending app=ErrImagePull',
    'typo Pending app=ImagePullBackOff',
    'typo Pending app=ContainerCreating',
    'typo Running app=running+',
  ]);
});

test('an image as a volume is pulled once for the pod, and keeps its container waiting', async () => {
  await using cluster = await oneNode();
  const { clock, client, call, runtime } = cluster;
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  const app = { name: 'app', image, volumeMounts };
  const volumes = [
    { name: 'data', image: { reference: 'data:latest' } },
    { name: 'unused', image: { reference: 'registry.invalid/unused:v1' } },
  ];
  await cluster.createPod('reader', { containers: [app, { ...app, name: 'other' }], volumes });
  await clock.advance(4000);
  const pod = (await cluster.pod('reader'))!;
  assert.equal(pod.status!.phase, 'Running');
  assert.equal(pod.spec.volumes![0]!.image!.pullPolicy, 'Always');
  const mounted = { name: 'data', mountPath: '/data' };
  assert.deepEqual(pod.status!.containerStatuses![0]!.volumeMounts, [mounted]);
  assert.deepEqual((await cluster.events('reader')).slice(0, 3), [
    'Normal Pulling Pulling image "data:latest"',
    'Normal Pulled Successfully pulled image "data:latest" in 1s (1s including waiting). Image size: 10000000 bytes.',
    `Normal Pulled Container image "${image}" already present on machine and can be accessed by the pod`,
  ]);
  assert.deepEqual(await runtime.imageHolders(), [pod.metadata.uid]);
  await call(client.delete(Pods, { namespace: 'default', name: 'reader' }));
  await clock.advance(2000);
  assert.deepEqual(await runtime.imageHolders(), []);

  const reference = 'registry.invalid/data:v1';
  await cluster.createPod('typo', { containers: [app], volumes: [{ name: 'data', image: { reference } }] });
  await clock.advance(8000);
  const { waiting } = (await cluster.pod('typo'))!.status!.containerStatuses![0]!.state!;
  assert.equal(waiting!.reason, 'ImagePullBackOff');
  assert.match(waiting!.message!, /^Back-off pulling image "registry.invalid\/data:v1": ErrImagePull: failed to pull/);
  const told = (await cluster.events('typo')).map((event) => event.split(' ').slice(0, 4).join(' '));
  assert.deepEqual(told, [
    'Normal Pulling Pulling image',
    'Warning Failed Failed to',
    'Warning Failed Error: ErrImagePull',
    'Normal BackOff Back-off pulling',
    'Warning Failed Error: ImagePullBackOff',
  ]);
});

test('an image that is held for nobody is let go of, when the runtime answers again', async () => {
  await using cluster = await oneNode();
  const { clock, runtime } = cluster;
  await runtime.holdImage((await runtime.imageStatus(image))!.id, { podUid: 'gone', volume: 'data' });
  const answer = runtime.imageHolders.bind(runtime);
  runtime.imageHolders = () => Promise.reject(new Error('no connection'));
  await clock.advance(61_000);
  assert.deepEqual(await answer(), ['gone']);
  runtime.imageHolders = answer;
  await clock.advance(61_000);
  assert.deepEqual(await answer(), []);
});

test('an image that must not be pulled, and one that is no name', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('offline', {
    containers: [{ name: 'app', image: 'registry.invalid/x:v9', imagePullPolicy: 'Never' }],
  });
  await cluster.createPod('nonsense', { containers: [{ name: 'app', image: 'My App' }] });
  await cluster.clock.advance(2000);
  const no = 'Container image "registry.invalid/x:v9" is not present with pull policy of Never';
  assert.deepEqual(await waitingOf(cluster, 'offline'), `ErrImageNeverPull: ${no}`);
  assert.deepEqual(await cluster.events('offline'), [
    `Warning ErrImageNeverPull ${no}`,
    'Warning Failed Error: ErrImageNeverPull',
  ]);
  const bad = `Failed to apply default image tag "My App": couldn't parse image name "My App": invalid reference format: repository name (library/My App) must be lowercase`;
  assert.deepEqual(await waitingOf(cluster, 'nonsense'), `InvalidImageName: ${bad}`);
  assert.deepEqual(await cluster.events('nonsense'), [
    `Warning InspectFailed ${bad}`,
    'Warning Failed Error: InvalidImageName',
  ]);
});
