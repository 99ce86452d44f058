import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps, Namespaces, Pods, Secrets, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { RoleBindings, Roles, type PolicyRule } from '../../../src/api/rbac/v1/types.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { startHttpsApi, type Asked, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const users = new Map<string, KeyAndCertificate>();

const roles: Record<string, PolicyRule> = {
  'reader-of-one': {
    apiGroups: [''],
    resources: ['secrets'],
    resourceNames: ['mine'],
    verbs: ['get', 'list', 'watch'],
  },
  reader: { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
  watcher: { apiGroups: ['*'], resources: ['*'], verbs: ['watch'] },
  ruler: { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  patcher: { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['patch', 'update'] },
  'owner-of-a-lock': {
    apiGroups: [''],
    resources: ['configmaps'],
    resourceNames: ['lock'],
    verbs: ['create', 'update'],
  },
};

const pod = {
  metadata: { name: 'victim', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

before(async () => {
  api = await startHttpsApi();
  const { client } = api;
  for (const name of ['mine', 'other']) await client.create(Secrets, { metadata: { name, namespace: 'default' } });
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await client.create(Pods, pod);
  for (const [name, rule] of Object.entries(roles)) {
    users.set(name, await api.identity(name));
    await client.create(Roles, { metadata: { name, namespace: 'default' }, rules: [rule] });
    await client.create(RoleBindings, {
      metadata: { name, namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'User', name }],
    });
  }
});
after(() => api[Symbol.asyncDispose]());

async function asks(user: string, path: string, options: Asked = {}): Promise<{ code: number; text: string }> {
  const who = user === 'admin' ? {} : { who: users.get(user)! };
  return api.ask(path, { ...who, ...options });
}

/** The names of the objects in the events of a watch that ends by itself. */
function watched(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line).object.metadata.name);
}

const root = '/api/v1/watch/namespaces/default';
const soon = 'timeoutSeconds=1';

test('a name in an old watch path is the only one that is shown', async () => {
  const answer = await asks('reader-of-one', `${root}/secrets/mine?${soon}`);
  assert.equal(answer.code, 200);
  assert.deepEqual(watched(answer.text), ['mine']);
  assert.equal((await asks('reader-of-one', `${root}/secrets/other?${soon}`)).code, 403);
  assert.equal((await asks('reader-of-one', `${root}/secrets?${soon}`)).code, 403);
});

test('who may do all in one namespace can neither see nor touch another one', async () => {
  await api.client.create(Namespaces, { metadata: { name: 'another' }, spec: {} });
  const inside = '/api/v1/namespaces/default/namespaces';
  const tries: [path: string, options?: Asked][] = [
    [inside],
    [`${inside}?watch=1&${soon}`],
    ['/api/v1/watch/namespaces/default/namespaces?' + soon],
    [`/api/v1/watch/namespaces/default/namespaces/another?${soon}`],
    [`${inside}/another`],
    [`${inside}/another/status`],
    [`${inside}/another`, { method: 'DELETE' }],
    [`${inside}/another`, { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/merge-patch+json' } }],
    [`${inside}/another`, { method: 'PUT', body: '{"metadata":{"name":"another"}}' }],
    [`${inside}/another/finalize`, { method: 'PUT', body: '{"metadata":{"name":"another"}}' }],
    [inside, { method: 'POST', body: '{"metadata":{"name":"third"}}' }],
    [inside, { method: 'DELETE' }],
  ];
  for (const [path, options] of tries)
    assert.equal((await asks('ruler', path, options)).code, 404, `${options?.method ?? 'GET'} ${path}`);
  assert.equal((await asks('ruler', '/api/v1/namespaces/default')).code, 200);
  assert.equal((await asks('ruler', '/api/v1/namespaces/another')).code, 403);
});

test('a field selector cannot take the name of an old watch path back', async () => {
  for (const selector of ['metadata.name%3Dother', 'type%3DOpaque']) {
    const answer = await asks('reader-of-one', `${root}/secrets/mine?${soon}&fieldSelector=${selector}`);
    assert.equal(answer.code, 400, selector);
    assert.match(answer.text, /fieldSelector metadata.name doesn't match requested name/);
  }
  const same = await asks('reader-of-one', `${root}/secrets/mine?${soon}&fieldSelector=metadata.name%3Dmine`);
  assert.deepEqual(watched(same.text), ['mine']);
});

test('an old watch path takes its rights from no field selector', async () => {
  const answer = await asks('reader-of-one', `${root}/secrets?${soon}&fieldSelector=metadata.name%3Dmine`);
  assert.equal(answer.code, 403);
});

test('there are no subresources below an old watch path', async () => {
  for (const sub of ['status', 'exec', 'attach', 'portforward', 'log', 'proxy', 'proxy/x'])
    assert.match(String((await asks('watcher', `${root}/pods/victim/${sub}?${soon}`)).code), /403|404/, sub);
  for (const sub of ['status', 'exec'])
    assert.equal((await asks('admin', `${root}/pods/victim/${sub}?${soon}`)).code, 404, sub);
  assert.equal((await asks('admin', '/api/v1/watch/nodes/n/proxy/pods')).code, 404);
});

test('an old watch path is for GET only', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    assert.equal((await asks('watcher', `${root}/configmaps`, { method, body: {} })).code, 405, method);
  assert.equal((await asks('admin', `${root}/configmaps/x`, { method: 'DELETE' })).code, 405);
});

test('whoever opens a stream into a pod needs the right to create it, by any path and method', async () => {
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  const paths = ['/api/v1/namespaces/default/pods/victim', `${root}/pods/victim`];
  for (const user of ['reader', 'watcher'])
    for (const path of paths)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
        for (const stream of ['exec', 'attach', 'portforward']) {
          const { code } = await asks(user, `${path}/${stream}?command=sh&stdout=1&ports=80`, { headers, method });
          assert.ok([403, 404].includes(code), `${user} ${method} ${path}/${stream}: ${code}`);
        }
});

test('a stream is opened by GET and POST only', async () => {
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    for (const headers of [undefined, { connection: 'Upgrade', upgrade: 'websocket' }]) {
      const path = '/api/v1/namespaces/default/pods/victim/exec?command=sh';
      assert.equal((await asks('admin', path, { method, ...(headers && { headers }) })).code, 405, method);
    }
});

test('apply creates only for who may create', async () => {
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const body = { kind: 'Pod', apiVersion: 'v1', ...pod, metadata: { name: 'applied', namespace: 'default' } };
  const path = '/api/v1/namespaces/default/pods/applied?fieldManager=x';
  const answer = await asks('patcher', path, { method: 'PATCH', headers, body });
  assert.equal(answer.code, 403);
  assert.equal(
    JSON.parse(answer.text).message,
    'pods "applied" is forbidden: User "patcher" cannot create resource "pods" in API group "" in the namespace "default"',
  );
  await assert.rejects(api.client.get(Pods, { namespace: 'default', name: 'applied' }));
  assert.equal((await asks('admin', path, { method: 'PATCH', headers, body })).code, 201);
  assert.equal((await asks('patcher', path, { method: 'PATCH', headers, body })).code, 200);
});

test('nothing is created by a POST to a name', async () => {
  const body = { metadata: { name: 'evil' } };
  const path = '/api/v1/namespaces/default/configmaps';
  assert.equal((await asks('owner-of-a-lock', path, { method: 'POST', body })).code, 403);
  assert.equal((await asks('owner-of-a-lock', `${path}/lock`, { method: 'POST', body })).code, 405);
  assert.equal((await asks('owner-of-a-lock', `${path}/lock/status`, { method: 'POST', body })).code, 403);
  await assert.rejects(api.client.get(ConfigMaps, { namespace: 'default', name: 'evil' }));
});
