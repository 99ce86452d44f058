import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
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
