import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Nodes, Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/pods/web`;

test('a pod that is bound has a node and is nominated for none', async () => {
  await using api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
  const spec = { containers: [{ name: 'app', image: 'app' }] };
  await api.client.create(Pods, { metadata: { name: 'web', namespace }, spec });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const nominated = { status: { nominatedNodeName: 'one' } };
  assert.equal((await api.ask(`${path}/status`, { method: 'PATCH', headers, body: nominated })).code, 200);

  const body = { metadata: { name: 'web' }, target: { kind: 'Node', name: 'two' } };
  assert.equal((await api.ask(`${path}/binding`, { method: 'POST', body })).code, 201);

  const { spec: bound, status } = (await api.ask(path)).body;
  assert.deepEqual([bound.nodeName, status.nominatedNodeName], ['two', undefined]);
  assert.deepEqual(
    status.conditions.map(({ type, status }: Record<string, string>) => `${type} ${status}`),
    ['PodScheduled True'],
  );
});

test('a pod gets the zone and the region of its node, however it comes to it', async () => {
  await using api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
  const zone = 'topology.kubernetes.io/zone';
  const region = 'topology.kubernetes.io/region';
  const labels = { [zone]: 'b', [region]: 'a', 'kubernetes.io/arch': 'amd64' };
  await api.client.create(Nodes, { metadata: { name: 'two', labels }, spec: {} });
  const containers = [{ name: 'app', image: 'app' }];
  const make = (name: string, own: Record<string, string>, nodeName?: string) =>
    api.client.create(Pods, {
      metadata: { name, namespace, labels: own },
      spec: { containers, ...(nodeName !== undefined && { nodeName }) },
    });
  await make('web', { app: 'web', [zone]: 'mine' });
  await make('placed', { [zone]: 'mine' }, 'two');
  await make('lost', {}, 'three');

  const body = { metadata: { name: 'web' }, target: { kind: 'Node', name: 'two' } };
  assert.equal((await api.ask(`${path}/binding`, { method: 'POST', body })).code, 201);
  const labelsOf = async (name: string) => (await api.client.get(Pods, { namespace, name })).metadata.labels;
  assert.deepEqual(await labelsOf('web'), { app: 'web', [zone]: 'b', [region]: 'a' });
  assert.deepEqual(await labelsOf('placed'), { [zone]: 'mine', [region]: 'a' });
  assert.deepEqual((await labelsOf('lost')) ?? {}, {});
});
