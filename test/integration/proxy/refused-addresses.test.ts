import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events, Services, type Service } from '../../../src/api/core/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { reportRefusals } from '../../../src/proxy/refusal-reporter.ts';
import { createEventRecorder } from '../../../src/reconciler/event-writer.ts';
import { startNodeProxy } from './node-proxy.ts';

test('a Service that asks for the addresses of others is told so once, and one that stops asking no more', async () => {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster());
  const { client } = cluster;
  opened.use(
    startNodeProxy(cluster, (companions) =>
      reportRefusals({
        ...companions,
        events: createEventRecorder({ ...companions, client, component: 'kube-proxy', host: companions.node.name }),
      }),
    ),
  );
  const told = async (name: string) => {
    const { items } = await client.list(Events, { namespace: 'default' });
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message, count }) => `${type} ${reason} x${count}: ${message}`);
  };
  const create = (name: string, spec: Service['spec']) =>
    client.create(Services, { metadata: { namespace: 'default', name }, spec: { ports: [{ port: 443 }], ...spec } });
  await create('fine', { externalIPs: ['203.0.113.9'] });
  await create('hijack', { externalIPs: ['10.96.0.1', '10.96.0.10', '203.0.113.9'] });
  const why = 'is not used: it is in the range of cluster addresses, 10.96.0.0/16';
  const want = [
    `Warning AddressRefused x1: Address "10.96.0.1" of spec.externalIPs[0] ${why}`,
    `Warning AddressRefused x1: Address "10.96.0.10" of spec.externalIPs[1] ${why}`,
  ];
  await cluster.until(async () => (await told('hijack')).length === want.length);
  assert.deepEqual(await told('hijack'), want);
  const hijack = await client.get(Services, { namespace: 'default', name: 'hijack' });
  await client.update(Services, { ...hijack, spec: { ...hijack.spec, externalIPs: ['203.0.113.9'] } });
  await cluster.clock.advance(5000);
  assert.deepEqual(await told('hijack'), want);
  assert.deepEqual(await told('fine'), []);
});
