import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AdmissionPlugin } from '../../../src/apiserver/admission/admission.ts';
import { createAuthority, issueCertificate, type KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import type { ApiConfiguration } from '../../../src/apiserver/configuration/kinds.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const sources = { clock: systemClock, random: systemRandom };
const store = new MemoryStore({ clock: systemClock });
const secrets = '/api/v1/namespaces/default/secrets';
const note = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
const key = (letter: string) => ({ name: letter, secret: Buffer.alloc(32, letter).toString('base64') });
const encryption = (...letters: string[]) => ({
  resources: [{ resources: ['secrets'], providers: [{ aesgcm: { keys: letters.map(key) } }] }],
});

let api: HttpsApi;
let proxies: KeyAndCertificate;
let proxy: KeyAndCertificate;
let mayNote = true;
/** Refuses writes of the note while it is told to, as a webhook that fails might. */
const guard: AdmissionPlugin = {
  name: 'NoNotes',
  validate({ operation, name }) {
    if (!mayNote && operation === 'UPDATE' && note.endsWith(`/${name}`)) throw new Error('no notes now');
  },
};

before(async () => {
  proxies = await createAuthority({ commonName: 'proxies', days: 1 }, sources);
  proxy = await issueCertificate(proxies, { commonName: 'outer-proxy', usage: 'client', days: 1 }, sources);
  const authority = (await createAuthority({ commonName: 'front', days: 1 }, sources)).certificate;
  api = await startHttpsApi({
    store,
    configuration: { encryption: encryption('a') },
    frontProxy: { authority, client: proxy },
    admission: [guard],
  });
});
after(() => api[Symbol.asyncDispose]());

const tell = (configuration: ApiConfiguration) =>
  api.server.reconfigure({
    configuration: { encryption: encryption('a'), ...configuration },
    reviewServers: new Map(),
  });
const believed = () => ({
  clientCA: proxies.certificate,
  allowedNames: ['outer-proxy'],
  usernameHeaders: ['X-User'],
  uidHeaders: ['X-Uid'],
  groupHeaders: ['X-Remote-Group'],
});
const asProxy = () => api.ask('/api/v1/namespaces', { who: proxy, headers: { 'x-user': 'ann' } });
const data = async () => (await api.ask(note)).body.data as Record<string, string>;
/** What the note says once it says what it should; it is written after the configuration is used. */
async function noted(check: (now: Record<string, string>) => void): Promise<Record<string, string>> {
  const end = systemClock.monotonic() + 20_000;
  for (;;) {
    const now = await data();
    try {
      check(now);
      return now;
    } catch (error) {
      if (systemClock.monotonic() > end) throw error;
      await systemClock.sleep(20);
    }
  }
}

test('proxies are believed from when they are told of to when they are not, and so the note for extension API servers says', async () => {
  const before = await data();
  assert.equal((await asProxy()).code, 401);
  assert.deepEqual(await tell({ authenticationOptions: { requestHeader: believed() } }), [{ name: 'authentication' }]);
  const answer = await asProxy();
  assert.equal(answer.code, 403);
  assert.match(answer.text, /User \\"ann\\" cannot list/);
  const now = await noted((now) =>
    assert.ok(now['requestheader-client-ca-file']!.endsWith(`${proxies.certificate.trim()}\n`)),
  );
  assert.deepEqual(
    [
      'requestheader-allowed-names',
      'requestheader-username-headers',
      'requestheader-uid-headers',
      'requestheader-group-headers',
      'requestheader-extra-headers-prefix',
    ].map((name) => now[name]),
    [
      '["front-proxy-client","outer-proxy"]',
      '["X-Remote-User","X-User"]',
      '["X-Uid"]',
      '["X-Remote-Group"]',
      '["X-Remote-Extra-"]',
    ],
  );
  assert.deepEqual(await tell({ authenticationOptions: { requestHeader: believed() } }), []);
  assert.deepEqual(await tell({}), [{ name: 'authentication' }]);
  assert.equal((await asProxy()).code, 401);
  await noted((now) => assert.deepEqual(now, before));
});

test('a note that cannot be written is no reason to go on as before, and is written as soon as it can be', async () => {
  const before = await data();
  mayNote = false;
  assert.deepEqual(await tell({ authenticationOptions: { requestHeader: believed() } }), [{ name: 'authentication' }]);
  assert.equal((await asProxy()).code, 403);
  assert.deepEqual(await data(), before);
  mayNote = true;
  await noted((now) => assert.equal(now['requestheader-username-headers'], '["X-Remote-User","X-User"]'));
  assert.deepEqual(await tell({}), [{ name: 'authentication' }]);
  await noted((now) => assert.deepEqual(now, before));
});

test('who is nobody stays as welcome as at the start', async () => {
  assert.deepEqual(await tell({ authentication: { anonymous: { enabled: false } } }), [
    { name: 'authentication', problem: 'anonymous: Forbidden: changed from initial configuration file' },
  ]);
  assert.equal((await api.ask('/api/v1/pods', { who: null })).code, 403);
});

test('others decide what may be done from then on; those from the start stay', async () => {
  const jane = await api.identity('jane');
  const asJane = async () => (await api.ask('/api/v1/pods', { who: jane })).code;
  const own = [
    { type: 'Node', name: 'node' },
    { type: 'RBAC', name: 'rbac' },
  ] as const;
  assert.equal(await asJane(), 403);
  const everybody = { authorizers: [...own, { type: 'AlwaysAllow', name: 'all' }] } as const;
  assert.deepEqual(await tell({ authorization: everybody }), [{ name: 'authorization' }]);
  assert.equal(await asJane(), 200);
  assert.deepEqual(await tell({ authorization: { authorizers: [own[0]] } }), [
    { name: 'authorization', problem: 'missing required types: [RBAC]' },
  ]);
  assert.equal(await asJane(), 200);
  assert.deepEqual(await tell({}), [{ name: 'authorization' }]);
  assert.equal(await asJane(), 403);
});

test('keys change; what the old ones encrypted stays readable while they are told of', async () => {
  const body = { metadata: { name: 'one' }, stringData: { word: 'geheim' } };
  const post = (name: string) => api.ask(secrets, { method: 'POST', body: { ...body, metadata: { name } } });
  const stored = async (name: string) =>
    Buffer.from((await store.read(`/registry/secrets/default/${name}`)).entry!.value).toString('latin1');
  await post('one');
  assert.deepEqual(await tell({ encryption: encryption('b', 'a') }), [{ name: 'encryption' }]);
  await post('two');
  assert.match(await stored('one'), /^k8s:enc:aesgcm:v1:a:/);
  assert.match(await stored('two'), /^k8s:enc:aesgcm:v1:b:/);
  assert.equal((await api.ask(`${secrets}/one`)).body.data.word, Buffer.from('geheim').toString('base64'));
  const [result] = await tell({ encryption: { resources: [] } });
  assert.match(result!.problem!, /resources: Required value/);
  assert.equal((await post('three')).code, 201);
  assert.match(await stored('three'), /^k8s:enc:aesgcm:v1:b:/);
});
