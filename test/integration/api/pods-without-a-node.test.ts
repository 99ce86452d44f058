import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Nodes, Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const pod = '/api/v1/namespaces/default/pods/waiting';

before(async () => {
  api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await api.client.create(Pods, {
    metadata: { name: 'waiting', namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'app' }] },
  });
});
after(() => api[Symbol.asyncDispose]());

test('the log of a pod that has no node is empty', async () => {
  const { code, text } = await api.ask(`${pod}/log`);
  assert.deepEqual([code, text], [204, '']);
});

test('a pod that has no node runs no command', async () => {
  const { code, body } = await api.ask(`${pod}/exec?command=true`, { method: 'POST' });
  assert.deepEqual([code, body.message], [400, 'pod waiting does not have a host assigned']);
});

test('labels that every node has bring no warning when the node changes', async () => {
  const labels = { 'beta.kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/os': 'linux' };
  await api.client.create(Nodes, { metadata: { name: 'one', labels }, spec: {} });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const body = { metadata: { labels: { disk: 'ssd' } } };
  const { code, warnings } = await api.ask('/api/v1/nodes/one', { method: 'PATCH', headers, body });
  assert.deepEqual([code, warnings], [200, []]);
});

test('the options of a log are checked, whether there is the pod or not', async () => {
  for (const name of ['none', 'waiting']) {
    const { code, body } = await api.ask(`/api/v1/namespaces/default/pods/${name}/log?tailLines=-1`);
    assert.equal(code, 422);
    assert.equal(body.details.kind, 'PodLogOptions');
  }
});
