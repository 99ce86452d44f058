import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const configMaps = '/api/v1/namespaces/default/configmaps';
const revisions = '/apis/apps/v1/namespaces/default/controllerrevisions';

before(async () => (api = await startHttpsApi()));
after(() => api[Symbol.asyncDispose]());

const post = (path: string, body: object | string, headers: Record<string, string> = {}) =>
  api.ask(path, { method: 'POST', body, headers });

test('what is larger than etcd takes is refused with its words, by create and update', async () => {
  const revision = (letters: number) => ({
    metadata: { name: 'large' },
    revision: 1,
    data: { x: 'x'.repeat(letters) },
  });
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'etcdserver: request is too large',
    code: 500,
  };
  assert.deepEqual((await post(revisions, revision(1_600_000))).body, status);
  const small = await post(revisions, revision(1_450_000));
  assert.equal(small.code, 201);
  const grown = { ...small.body, metadata: { ...small.body.metadata, annotations: { more: 'x'.repeat(200_000) } } };
  assert.deepEqual((await api.ask(`${revisions}/large`, { method: 'PUT', body: grown })).body, status);
});

test('what is small in protobuf is stored, however long it is in JSON', async () => {
  const data = { control: '\u0001'.repeat(300_000) };
  assert.equal((await post(configMaps, { metadata: { name: 'control' }, data })).code, 201);
});

test('large YAML is read as small YAML is', async () => {
  const headers = { 'content-type': 'application/yaml' };
  const lines = Array.from({ length: 100 }, (_, at) => `  k${at}: ${'v'.repeat(2000)}`).join('\n');
  const yaml = (more: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n${lines}\n${more}`;
  const made = await post(configMaps, yaml('  k1: other\nodd: 1\n'), headers);
  assert.deepEqual([made.code, made.body.data.k1, made.body.data.k99.length], [201, 'other', 2000]);
  assert.deepEqual(made.warnings, ['line 105: key "k1" already set in map', 'unknown field "odd"']);
  const refused = await post(configMaps, yaml('  k: "open'), headers);
  assert.equal(refused.code, 400);
  assert.match(refused.body.message, /is unrecognized \(must be of type ConfigMap\): yaml: line 10\d: /);
  const applied = await api.ask(`${configMaps}/yaml?fieldManager=me&force=true`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: yaml('metadata: &a [*a]'),
  });
  assert.equal(applied.body.message, "error decoding YAML: yaml: anchor 'a' value contains itself");
});

test('a body of more than 3 MiB is not read', async () => {
  const { code, body } = await post(configMaps, { metadata: { name: 'x' }, data: { x: 'x'.repeat(3 * 1024 * 1024) } });
  assert.deepEqual([code, body.reason], [413, 'RequestEntityTooLarge']);
  assert.equal(body.message, 'Request entity too large: limit is 3145728');
});

test('an owner that is named twice is kept once, with a warning', async () => {
  const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid });
  const ownerReferences = [owner('a'), owner('b'), owner('a'), { ...owner('a'), name: 'other' }];
  const made = await post(configMaps, { metadata: { name: 'owned', ownerReferences } });
  const kept = [owner('a'), owner('b'), { ...owner('a'), name: 'other' }];
  const warning = (when: string) =>
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: a`;
  assert.deepEqual([made.code, made.body.metadata.ownerReferences, made.warnings], [201, kept, [warning('')]]);
  const patched = await api.ask(`${configMaps}/owned`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { metadata: { ownerReferences: [owner('a'), owner('a')] } },
  });
  assert.deepEqual(
    [patched.body.metadata.ownerReferences, patched.warnings],
    [[owner('a')], [warning(' after mutating admission happens')]],
  );
});

test('names that JavaScript has a meaning for are names like others', async () => {
  const made = await post(
    '/api/v1/namespaces/default/secrets',
    '{"metadata":{"name":"names"},"stringData":{"__proto__":"a","constructor":"b"}}',
    { 'content-type': 'application/json' },
  );
  assert.match(made.text, /"data":\{"__proto__":"YQ==","constructor":"Yg=="\}/);
  const apply = (path: string, data: string) =>
    api.ask(`${configMaps}/names?fieldManager=${path}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"names"},"data":${data}}`,
    });
  await apply('one', '{"a":"1","b":"2"}');
  assert.match((await apply('two', '{"__proto__":"3"}')).text, /"data":\{"a":"1","b":"2","__proto__":"3"\}/);
  assert.match((await apply('one', '{"a":"1"}')).text, /"data":\{"a":"1","__proto__":"3"\}/);
});
