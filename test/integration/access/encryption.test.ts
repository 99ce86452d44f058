import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  EncryptionConfiguration,
  ProviderConfiguration,
} from '../../../src/apiserver/encryption/configuration.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { prefixRange } from '../../../src/store/range.ts';
import type { Store } from '../../../src/store/store.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const encoded = (letter: string) => Buffer.alloc(32, letter).toString('base64');
const aes = (name: string, letter: string): ProviderConfiguration => ({
  aesgcm: { keys: [{ name, secret: encoded(letter) }] },
});
const identity: ProviderConfiguration = { identity: {} };
const forSecrets = (...providers: ProviderConfiguration[]): EncryptionConfiguration => ({
  resources: [{ resources: ['secrets'], providers }],
});

/** What the store holds of Secrets, as text. */
async function stored(store: Store): Promise<Record<string, string>> {
  const { entries } = await store.range(prefixRange('/registry/secrets/default/'));
  return Object.fromEntries(entries.map(({ key, value }) => [key.split('/').at(-1), Buffer.from(value).toString()]));
}

/** The same store for one server after the other. */
function kept(store: MemoryStore): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === Symbol.asyncDispose) return async () => {};
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

const serve = (store: MemoryStore, configuration: EncryptionConfiguration | undefined, encryptionKey?: string) =>
  startHttpsApi({
    store: kept(store),
    ...(configuration && { configuration: { encryption: configuration } }),
    ...(encryptionKey && { encryptionKey }),
  });

const secret = (name: string) => ({ method: 'POST', body: { metadata: { name }, stringData: { word: 'geheim' } } });

test('Secrets are encrypted with the key of the cluster, their history too, and nothing else is', async () => {
  await using store = new MemoryStore({ clock: systemClock });
  await using api = await serve(store, undefined, encoded('k'));
  assert.equal((await api.ask(secrets, secret('a'))).code, 201);
  const body = { data: { word: Buffer.from('noch geheim').toString('base64') } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  const { body: patched } = await api.ask(`${secrets}/a`, { method: 'PATCH', body, headers });
  assert.deepEqual(patched.data, body.data);
  await api.ask('/api/v1/namespaces/default/configmaps', { method: 'POST', body: { metadata: { name: 'a' } } });
  for (const text of Object.values(await stored(store))) assert.match(text, /^k8s:enc:aesgcm:v1:kubeling:/);
  const old = await store.range(prefixRange('/registry/secrets/'), {
    at: Number(patched.metadata.resourceVersion) - 1,
  });
  assert.match(Buffer.from(old.entries[0]!.value).toString(), /^k8s:enc:/);
  const { entry } = await store.read('/registry/configmaps/default/a');
  assert.equal(entry!.value[0], '{'.charCodeAt(0));
  assert.equal((await api.ask(secrets)).body.items[0].data.word, body.data.word);
  const { text } = await api.ask('/metrics');
  assert.match(
    text,
    /^apiserver_storage_transformation_operations_total\{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="k8s:enc:aesgcm:v1:"\} 2$/m,
  );
});

test('a key is rotated: the new one writes, the old one reads, an update that changes nothing rewrites', async () => {
  await using store = new MemoryStore({ clock: systemClock });
  {
    await using api = await serve(store, undefined);
    await api.ask(secrets, secret('a'));
    assert.match((await stored(store))['a']!, /^\{/);
  }
  {
    await using api = await serve(store, forSecrets(aes('one', 'a'), identity));
    assert.match((await stored(store))['a']!, /^\{/, 'nothing is written at the start');
    const { body } = await api.ask(`${secrets}/a`);
    const { body: written } = await api.ask(`${secrets}/a`, { method: 'PUT', body });
    assert.notEqual(written.metadata.resourceVersion, body.metadata.resourceVersion);
    assert.match((await stored(store))['a']!, /^k8s:enc:aesgcm:v1:one:/);
    const again = await api.ask(`${secrets}/a`, { method: 'PUT', body: written });
    assert.equal(again.body.metadata.resourceVersion, written.metadata.resourceVersion, 'now it is not stale');
  }
  await using api = await serve(store, forSecrets(aes('two', 'b'), aes('one', 'a')));
  const { body } = await api.ask(`${secrets}/a`);
  assert.equal(Buffer.from(body.data.word, 'base64').toString(), 'geheim');
  const headers = { 'content-type': 'application/merge-patch+json' };
  await api.ask(`${secrets}/a`, { method: 'PATCH', body: {}, headers });
  assert.match((await stored(store))['a']!, /^k8s:enc:aesgcm:v1:two:/);
});

test('what nobody can decrypt is refused in the words of Kubernetes, and the rest goes on', async () => {
  await using store = new MemoryStore({ clock: systemClock });
  {
    await using api = await serve(store, forSecrets(aes('one', 'a')));
    await api.ask(secrets, secret('a'));
  }
  await using api = await serve(store, forSecrets(aes('two', 'b'), identity));
  const answers = [];
  const reason = 'no matching key was found for the provided AES transformer';
  const unreadable = `unable to transform key "/registry/secrets/default/a": ${reason}`;
  for (const [method, path, body] of [
    ['GET', `${secrets}/a`],
    ['PUT', `${secrets}/a`, { metadata: { name: 'a' } }],
    ['DELETE', `${secrets}/a`],
    ['DELETE', secrets],
    ['GET', secrets],
    ['GET', `${secrets}?watch=1`],
    ['POST', secrets, { metadata: { name: 'a' } }],
    ['POST', secrets, { metadata: { name: 'b' } }],
    ['GET', `${secrets}/b`],
  ] as const) {
    const { code, body: answer } = await api.ask(path, { method, ...(body && { body }) });
    answers.push([method, path, code, answer.message]);
  }
  const reinitializing = `storage is (re)initializing: failed to list *core.Secret: ${unreadable}`;
  assert.deepEqual(answers, [
    ['GET', `${secrets}/a`, 500, `Internal error occurred: ${reason}`],
    ['PUT', `${secrets}/a`, 500, `Internal error occurred: ${reason}`],
    ['DELETE', `${secrets}/a`, 500, `Internal error occurred: ${reason}`],
    ['DELETE', secrets, 500, `Internal error occurred: ${unreadable}`],
    ['GET', secrets, 429, reinitializing],
    ['GET', `${secrets}?watch=1`, 429, reinitializing],
    ['POST', secrets, 409, 'secrets "a" already exists'],
    ['POST', secrets, 201, undefined],
    ['GET', `${secrets}/b`, 200, undefined],
  ]);
});

test('a store that is encrypted is of no use to a server without a configuration, and says so', async () => {
  await using store = new MemoryStore({ clock: systemClock });
  {
    await using api = await serve(store, forSecrets(aes('one', 'a')));
    await api.ask(secrets, secret('a'));
  }
  await using api = await serve(store, undefined);
  const { body } = await api.ask(`${secrets}/a`);
  assert.equal(body.message, 'Internal error occurred: identity transformer tried to read encrypted data');
  assert.equal((await api.ask('/api/v1/namespaces/default/configmaps')).code, 200);
});
