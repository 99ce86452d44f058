import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneNode } from './one-node.ts';

const containers = [{ name: 'app', image: 'my-registry/my-app:v1' }];

test('a container does not run before network policies hold for its pod', async () => {
  const asked: string[] = [];
  const isolated = Promise.withResolvers<void>();
  const isolatePod = async ({ metadata }: { metadata: { name: string } }, address: string): Promise<void> => {
    asked.push(`${metadata.name} ${address}`);
    await isolated.promise;
  };
  await using node = await oneNode({ isolatePod });
  const states = async () => (await node.runtime.listContainers()).map(({ state }) => state);
  await node.createPod('web', { containers });
  await node.clock.advance(5000);
  assert.deepEqual(await states(), ['created']);
  isolated.resolve();
  await node.clock.advance(1000);
  assert.deepEqual(await states(), ['running']);
  const [address] = (await node.pod('web'))!.status!.podIPs!;
  assert.deepEqual(asked, [`web ${address!.ip}`]);
});

test('a container whose pod could not be isolated is told so, and started when it can be', async () => {
  let refusals = 1;
  const isolatePod = async (): Promise<void> => {
    if (refusals-- > 0) throw new Error('network policies are not in the kernel');
  };
  await using node = await oneNode({ isolatePod });
  await node.createPod('web', { containers });
  await node.clock.advance(60_000);
  assert.ok((await node.events('web')).includes('Warning Failed Error: network policies are not in the kernel'));
  assert.equal((await node.pod('web'))?.status?.phase, 'Running');
});

test('nobody is asked about a pod in the network of the node', async () => {
  const isolatePod = (): Promise<void> => Promise.reject(new Error('it has no address of its own'));
  await using node = await oneNode({ isolatePod });
  await node.createPod('web', { containers, hostNetwork: true });
  await node.clock.advance(5000);
  assert.equal((await node.pod('web'))?.status?.phase, 'Running');
});
