import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secrets } from '../../../src/api/core/v1/types.ts';
import { oneNode } from './one-node.ts';

test('a pull shows what the Secrets have that the pod names, and a missing one is told', async () => {
  await using cluster = await oneNode();
  const { call, client, clock, runtime } = cluster;
  const config = { auths: { 'r.example.com': { username: 'me', password: 'secret' } } };
  const stringData = { '.dockerconfigjson': JSON.stringify(config) };
  const metadata = { name: 'registry', namespace: 'default' };
  await call(client.create(Secrets, { metadata, type: 'kubernetes.io/dockerconfigjson', stringData }));
  const shown: unknown[] = [];
  const pull = runtime.pullImage.bind(runtime);
  runtime.pullImage = async (reference: string, auth?: object) => {
    shown.push([reference, auth]);
    return await pull(reference);
  };
  await cluster.createPod('web', {
    imagePullSecrets: [{ name: 'registry' }, { name: 'none' }],
    containers: [
      { name: 'app', image: 'r.example.com/web:1', imagePullPolicy: 'Always' },
      { name: 'other', image: 'other:1', imagePullPolicy: 'Always' },
    ],
  });
  await clock.advance(5000);
  assert.equal((await cluster.pod('web'))!.status!.phase, 'Running');
  assert.deepEqual(
    shown.sort(),
    [
      ['other:1', undefined],
      ['r.example.com/web:1', { username: 'me', password: 'secret' }],
    ].sort(),
  );
  const told = (await cluster.events('web')).filter((event) => event.includes('FailedToRetrieveImagePullSecret'));
  assert.match(
    told.join('\n'),
    /^Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets \(none\); attempting to pull the image may not succeed\./,
  );
});
