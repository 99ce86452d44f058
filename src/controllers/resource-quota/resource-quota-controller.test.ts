import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMaps, ResourceQuotas, type ResourceQuota } from '../../api/core/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { resourceQuotaController } from './resource-quota-controller.ts';

const namespace = 'default';
const count = 'count/configmaps';
const configMap = (name: string) => ({ metadata: { name, namespace } });
const quota = (more: object = {}): ResourceQuota => ({
  metadata: { name: 'q', namespace },
  spec: { hard: { [count]: '5', 'count/widgets.example.com': '1' } },
  ...more,
});

/** A controller at work over two ConfigMaps and this quota. */
async function start(over: ResourceQuota) {
  const cluster = new SmallCluster();
  const { client, clock } = cluster;
  for (const name of ['a', 'b']) await client.create(ConfigMaps, configMap(name));
  await client.create(ResourceQuotas, over);
  const facts = { type: ConfigMaps, verbs: ['create', 'list', 'watch', 'delete'] } as unknown as ResourceFacts;
  const served = { current: () => [facts], onChange: () => () => {} };
  cluster.start(resourceQuotaController(served));
  await clock.advance(100);
  return {
    clock,
    client,
    status: async () => (await client.get(ResourceQuotas, { namespace, name: 'q' })).status,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

test('a new quota is counted at once, as far as somebody serves what it bounds', async () => {
  await using parts = await start(quota());
  assert.deepEqual(await parts.status(), { hard: quota().spec.hard, used: { [count]: '2' } });
});

test('what admission charged for objects that never came is taken back when the quota has been at rest', async () => {
  await using parts = await start(quota({ status: { hard: quota().spec.hard, used: { [count]: '4' } } }));
  assert.equal((await parts.status())?.used?.[count], '4');
  await parts.clock.advance(1000);
  assert.equal((await parts.status())?.used?.[count], '2');
});

test('what is deleted is taken back, and what is made is left to admission', async () => {
  await using parts = await start(quota());
  await parts.clock.advance(1000); // it is at rest
  await parts.client.create(ConfigMaps, configMap('c'));
  await parts.clock.advance(60_000);
  assert.equal((await parts.status())?.used?.[count], '2');
  await parts.client.delete(ConfigMaps, { namespace, name: 'a' });
  await parts.clock.advance(1000);
  assert.equal((await parts.status())?.used?.[count], '2'); // b and c
  await parts.client.delete(ConfigMaps, { namespace, name: 'b' });
  await parts.clock.advance(1000);
  assert.equal((await parts.status())?.used?.[count], '1');
});
