import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComponentStatuses } from '../../../src/api/core/v1/types.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const path = '/api/v1/componentstatuses';
const deprecated = ['v1 ComponentStatus is deprecated in v1.19+'];

test('the store of a server alone: list, get and table, each with the warning', async () => {
  await using api = await startHttpsApi();
  const etcd = { metadata: { name: 'etcd-0' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] };
  const list = await api.ask(path);
  assert.deepEqual(list.body, { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items: [etcd] });
  assert.deepEqual(list.warnings, deprecated);
  const one = await api.ask(`${path}/etcd-0`);
  assert.deepEqual(one.body, { kind: 'ComponentStatus', apiVersion: 'v1', ...etcd });
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = await api.ask(path, { headers: { accept } });
  assert.deepEqual(
    table.body.columnDefinitions.map(({ name }: { name: string }) => name),
    ['Name', 'Status', 'Message', 'Error'],
  );
  assert.deepEqual(table.body.rows[0].cells, ['etcd-0', 'Healthy', 'ok', '']);
  assert.deepEqual(table.warnings, deprecated);
});

test('what is not there, and what cannot be done', async () => {
  await using api = await startHttpsApi();
  const none = await api.ask(`${path}/none`);
  assert.deepEqual([none.code, none.body.message], [500, 'Component not found: none']);
  for (const method of ['POST', 'DELETE']) assert.equal((await api.ask(path, { method, body: {} })).code, 405);
  assert.equal((await api.ask(`${path}?watch=true`)).code, 405);
});

test('a whole control plane, and a part of it that has ended', async () => {
  const cluster = await startTestCluster({ nodes: 0 });
  const shown = async () =>
    (await cluster.client.list(ComponentStatuses)).items.map(
      ({ metadata, conditions }) => `${metadata.name} ${conditions![0]!.status}`,
    );
  assert.deepEqual((await shown()).sort(), ['controller-manager True', 'etcd-0 True', 'scheduler True']);
  await cluster[Symbol.asyncDispose]();
  assert.deepEqual((await shown()).sort(), ['controller-manager False', 'etcd-0 True', 'scheduler False']);
});
