import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const maps = '/api/v1/namespaces/default/configmaps';
let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
  await api.client.create(ConfigMaps, { metadata: { name: 'there', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const notNew = 'resourceVersion should not be set on objects to be created';
const rows: { name: string; query?: string; metadata: object; want: readonly [number, (string | RegExp)?] }[] = [
  { name: 'a version', metadata: { name: 'a', resourceVersion: '7' }, want: [500, notNew] },
  { name: 'the version 0', metadata: { name: 'b', resourceVersion: '0' }, want: [201] },
  { name: 'a version that is none', metadata: { name: 'c', resourceVersion: 'x' }, want: [201] },
  { name: 'a version, in a dry run', query: '?dryRun=All', metadata: { name: 'd', resourceVersion: '7' }, want: [201] },
  { name: 'a version and a bad name', metadata: { name: 'E', resourceVersion: '7' }, want: [422, /^ConfigMap "E" is/] },
  { name: 'a name that is taken', metadata: { name: 'there' }, want: [409, 'configmaps "there" already exists'] },
  {
    name: 'a name that is taken beside one to generate',
    metadata: { name: 'there', generateName: 'there-' },
    want: [409, 'configmaps "there" already exists, the server was not able to generate a unique name for the object'],
  },
];

for (const { name, query = '', metadata, want } of rows)
  test(`a create with ${name}`, async () => {
    const { code, body, headers } = await api.ask(`${maps}${query}`, { method: 'POST', body: { metadata } });
    assert.equal(code, want[0]);
    if (want[1] instanceof RegExp) assert.match(body.message, want[1]);
    else assert.equal(body.message, want[1]);
    assert.equal(headers['retry-after'], 'generateName' in metadata ? '1' : undefined);
  });

test('an apply that creates may say a version, which nobody looks at', async () => {
  const { code } = await api.ask(`${maps}/applied?fieldManager=me`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', resourceVersion: '7' } },
  });
  assert.equal(code, 201);
});

test('who is refused before its name is generated is called by what that would begin with', async () => {
  const spec = { serviceAccountName: 'missing', containers: [{ name: 'a', image: 'a' }] };
  const body = { metadata: { generateName: 'web-' }, spec };
  const { code, body: status } = await api.ask('/api/v1/namespaces/default/pods', { method: 'POST', body });
  assert.equal(code, 403);
  assert.equal(
    status.message,
    'pods "web-" is forbidden: error looking up service account default/missing: serviceaccount "missing" not found',
  );
});

test('a namespace whose name is generated has the label of its name', async () => {
  const { body } = await api.ask('/api/v1/namespaces', { method: 'POST', body: { metadata: { generateName: 'n-' } } });
  assert.match(body.metadata.name, /^n-.{5}$/);
  assert.deepEqual(body.metadata.labels, { 'kubernetes.io/metadata.name': body.metadata.name });
});
