import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events, Services, type Service } from '../../../src/api/core/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';

const range = '172.29.0.200-172.29.0.201';

function balancer(name: string, spec: Partial<Service['spec']> = {}): Service {
  return {
    metadata: { namespace: 'default', name },
    spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80 }], ...spec },
  };
}
const finalizer = 'service.kubernetes.io/load-balancer-cleanup';

test('load balancers get addresses one after the other, give them back, and say what happens', async () => {
  await using cluster = await startTestCluster({ loadBalancerRange: range });
  const { client } = cluster;
  const get = (name: string) => client.get(Services, { namespace: 'default', name });
  const addressOf = async (name: string) => (await get(name)).status?.loadBalancer?.ingress?.[0]?.ip;
  const reasons = async (name: string) => {
    const { items } = await client.list(Events, { namespace: 'default' });
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  };
  for (const name of ['a', 'b']) await client.create(Services, balancer(name));
  await cluster.until(async () => (await addressOf('a')) !== undefined && (await addressOf('b')) !== undefined);
  assert.deepEqual([await addressOf('a'), await addressOf('b')].sort(), range.split('-'));
  assert.deepEqual((await get('a')).metadata.finalizers, [finalizer]);
  assert.deepEqual((await get('a')).status?.loadBalancer?.ingress?.[0]?.ipMode, 'VIP');
  await cluster.until(async () => (await reasons('a')).length === 2);
  assert.deepEqual(await reasons('a'), [
    'EnsuringLoadBalancer: Ensuring load balancer',
    'EnsuredLoadBalancer: Ensured load balancer',
  ]);

  await client.create(Services, balancer('c'));
  await client.create(Services, balancer('other', { loadBalancerClass: 'example.com/other' }));
  const failure = `SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: no address of ${range} is free`;
  await cluster.until(async () => (await reasons('c')).includes(failure));
  const freed = await addressOf('a');
  await client.delete(Services, (await get('a')).metadata);
  await cluster.until(async () => (await addressOf('c')) === freed);

  const { metadata, spec } = await get('b');
  await client.update(Services, { ...(await get('b')), spec: { ...spec, type: 'ClusterIP' } });
  await cluster.until(async () => (await get('b')).metadata.finalizers === undefined);
  assert.deepEqual((await get('b')).status?.loadBalancer ?? {}, {});
  assert.equal(metadata.name, 'b');
  assert.deepEqual([await addressOf('other'), (await get('other')).metadata.finalizers], [undefined, undefined]);
});
