import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { Secrets } from '../../../src/api/core/v1/types.ts';
import { RoleBindings, Roles } from '../../../src/api/rbac/v1/types.ts';
import { startApiServer, superuser } from '../../../src/apiserver/api-server.ts';
import {
  createAuthority,
  issueCertificate,
  newSigningKey,
  type KeyAndCertificate,
} from '../../../src/apiserver/auth/certificates.ts';
import { TokenKeys } from '../../../src/apiserver/auth/json-web-token.ts';
import { listenForApi } from '../../../src/apiserver/http/api-listener.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';

const sources = { clock: systemClock, random: systemRandom };
const stack = new AsyncDisposableStack();
let port: number;
let authority: KeyAndCertificate;
let eve: KeyAndCertificate;
let admin: KeyAndCertificate;

before(async () => {
  authority = await createAuthority({ commonName: 'cluster', days: 1 }, sources);
  const issue = (commonName: string, organizations: string[] = []) =>
    issueCertificate(authority, { commonName, organizations, usage: 'client', days: 1 }, sources);
  [eve, admin] = await Promise.all([issue('eve'), issue('admin', ['system:masters'])]);
  const server = await issueCertificate(
    authority,
    { commonName: 'server', addresses: ['127.0.0.1'], usage: 'server', days: 1 },
    sources,
  );
  const api = stack.use(
    await startApiServer({
      ...sources,
      store: stack.use(new MemoryStore({ clock: systemClock })),
      log: silentLogger,
      clientAuthorities: [authority.certificate],
      tokenKeys: new TokenKeys([newSigningKey()]),
      config: {
        serviceCidr: '10.96.0.0/16',
        nodePorts: { from: 30000, to: 32767 },
        issuer: 'https://issuer',
        audiences: ['https://issuer'],
        advertise: { host: '127.0.0.1', port: 6443 },
      },
    }),
  );
  const listener = stack.use(
    await listenForApi(api, {
      host: '127.0.0.1',
      port: 0,
      certificate: server.certificate,
      key: server.key,
      clientAuthority: authority.certificate,
      version: 'v1.36.0',
      versionInfo: { major: '1', minor: '36' },
    }),
  );
  port = listener.port;
  const client = createClient(api.transport(superuser, 'test'));
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
after(() => stack.disposeAsync());

/** The status code, and the names of the items where there are some, else the message or text. */
async function asks(
  who: KeyAndCertificate | undefined,
  path: string,
  options: { method?: string; headers?: Record<string, string | string[]> } = {},
): Promise<[number, unknown]> {
  const identity = who === undefined ? {} : { cert: who.certificate, key: who.key };
  const { promise, resolve, reject } = Promise.withResolvers<[number, string]>();
  const call = request(
    { host: '127.0.0.1', port, path, ca: authority.certificate, agent: false, ...identity, ...options },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece));
      answer.on('end', () => resolve([answer.statusCode!, text]));
    },
  );
  call.on('error', reject).end();
  const [code, text] = await promise;
  if (!text.startsWith('{')) return [code, text];
  const { items, message, metadata } = JSON.parse(text) as Record<string, any>;
  return [code, items?.map((item: any) => item.metadata.name) ?? message ?? metadata?.name];
}

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
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) assert.equal((await asks(undefined, path))[0], 200);
  for (const path of ['/', '/api', '/apis', '/metrics', '/openapi/v2', '/version/../api', secrets])
    assert.equal((await asks(undefined, path))[0], 403, path);
});

test('a bad token is refused, also where strangers may come', async () => {
  assert.deepEqual(await asks(undefined, '/version', { headers: { authorization: 'Bearer nonsense' } }), [
    401,
    'Unauthorized',
  ]);
});

test('an admin acts as another, and nobody else does', async () => {
  const headers = { 'impersonate-user': 'jane', 'impersonate-group': ['devs', 'system:masters'] };
  assert.deepEqual(await asks(admin, secrets, { headers }), [200, ['a', 'b']]);
  assert.deepEqual(await asks(admin, secrets, { headers: { 'impersonate-user': 'eve' } }), [403, cannotList]);
  assert.equal((await asks(eve, '/version', { headers }))[0], 403);
  assert.equal((await asks(undefined, '/version', { headers }))[0], 403);
});

test('a method that means nothing here is refused', async () => {
  assert.equal((await asks(admin, secrets, { method: 'OPTIONS' }))[0], 405);
});
