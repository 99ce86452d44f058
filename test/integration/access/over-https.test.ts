import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Secrets } from '../../../src/api/core/v1/types.ts';
import { RoleBindings, Roles } from '../../../src/api/rbac/v1/types.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { startHttpsApi, type Asked, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
let eve: KeyAndCertificate;

before(async () => {
  api = await startHttpsApi();
  eve = await api.identity('eve');
  const { client } = api;
  for (const name of ['a', 'b']) await client.create(Secrets, { metadata: { name, namespace: 'default' } });
  await client.create(Roles, {
    metadata: { name: 'one', namespace: 'default' },
    rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get', 'list'] }],
  });
  await client.create(RoleBindings, {
    metadata: { name: 'one', namespace: 'default' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one' },
    subjects: [{ kind: 'User', name: 'eve' }],
  });
});
after(() => api[Symbol.asyncDispose]());

/** The status code, and the names of the items where there are some, else the message or text. */
async function asks(
  who: KeyAndCertificate | null | undefined,
  path: string,
  options: Asked = {},
): Promise<[number, unknown]> {
  const { code, text, body } = await api.ask(path, { ...options, ...(who === undefined ? {} : { who }) });
  if (body === undefined) return [code, text];
  const { items, message, metadata } = body;
  return [code, items?.map((item: any) => item.metadata.name) ?? message ?? metadata?.name];
}

const stranger = null;
const admin = undefined;
const secrets = '/api/v1/namespaces/default/secrets';
const cannot = (what: string) =>
  `User "eve" cannot ${what} resource "secrets" in API group "" in the namespace "default"`;
const cannotList = `secrets is forbidden: ${cannot('list')}`;
const onlyA = 'fieldSelector=metadata.name%3Da';

const rows: { name: string; path: string; want: [number, unknown] }[] = [
  { name: 'the secret that is named', path: `${secrets}/a`, want: [200, 'a'] },
  { name: 'another secret', path: `${secrets}/b`, want: [403, `secrets "b" is forbidden: ${cannot('get')}`] },
  { name: 'all secrets', path: secrets, want: [403, cannotList] },
  { name: 'a list of that secret', path: `${secrets}?${onlyA}`, want: [200, ['a']] },
  { name: 'a list with the selector taken back', path: `${secrets}?${onlyA}&fieldSelector=`, want: [200, ['a']] },
  {
    name: 'a list with the selector in second place',
    path: `${secrets}?fieldSelector=&${onlyA}`,
    want: [403, cannotList],
  },
  {
    name: 'a list of all others, by a value with a comma',
    path: `${secrets}?fieldSelector=${encodeURIComponent('type!=x\\,metadata.name=a')}`,
    want: [403, cannotList],
  },
];

for (const { name, path, want } of rows)
  test(`who may read one secret asks for ${name}`, async () => assert.deepEqual(await asks(eve, path), want));

test('a path with dots leads nowhere else', async () => {
  assert.equal((await asks(eve, `${secrets}/a/../b`))[0], 403);
  assert.equal((await asks(eve, `${secrets}/a%2f..%2fb`))[0], 403);
});

test('a stranger gets health and version, and nothing else', async () => {
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) assert.equal((await asks(stranger, path))[0], 200);
  for (const path of ['/', '/api', '/apis', '/metrics', '/openapi/v2', '/version/../api', secrets])
    assert.equal((await asks(stranger, path))[0], 403, path);
});

test('a bad token is refused, also where strangers may come', async () => {
  assert.deepEqual(await asks(stranger, '/version', { headers: { authorization: 'Bearer nonsense' } }), [
    401,
    'Unauthorized',
  ]);
});

test('an admin acts as another, and nobody else does', async () => {
  const headers = { 'impersonate-user': 'jane', 'impersonate-group': ['devs', 'system:masters'] };
  assert.deepEqual(await asks(admin, secrets, { headers }), [200, ['a', 'b']]);
  assert.deepEqual(await asks(admin, secrets, { headers: { 'impersonate-user': 'eve' } }), [403, cannotList]);
  assert.equal((await asks(eve, '/version', { headers }))[0], 403);
  assert.equal((await asks(stranger, '/version', { headers }))[0], 403);
});

test('a method that means nothing here is refused', async () => {
  assert.equal((await asks(admin, secrets, { method: 'OPTIONS' }))[0], 405);
});
