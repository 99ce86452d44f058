import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import { Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const namespace = 'default';
const core = `/api/v1/namespaces/${namespace}`;
const scale = `/apis/apps/v1/namespaces/${namespace}/deployments/web/scale`;
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'app' }] } };

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace } });
  await api.client.create(Pods, { metadata: { name: 'web', namespace }, spec: template.spec });
  const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template };
  await api.client.create(Deployments, { metadata: { name: 'web', namespace }, spec });
});
after(() => api[Symbol.asyncDispose]());

interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  /** Content type, where it is not JSON. */
  readonly type?: string;
  readonly body: object;
  /** What the refusal calls the options. */
  readonly options: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';
  /** What is left undone. */
  readonly undone?: { path: string; read(object: any): unknown; is: unknown };
}

const replicas = { path: scale, read: ({ spec }: any) => spec.replicas, is: 1 };
const merge = 'application/merge-patch+json';
const writes: readonly Write[] = [
  {
    method: 'PUT',
    path: scale,
    body: { metadata: { name: 'web' }, spec: { replicas: 7 } },
    options: 'UpdateOptions',
    undone: replicas,
  },
  {
    method: 'PATCH',
    path: scale,
    type: merge,
    body: { spec: { replicas: 7 } },
    options: 'PatchOptions',
    undone: replicas,
  },
  {
    method: 'POST',
    path: `${core}/pods/web/binding`,
    body: { metadata: { name: 'web' }, target: { name: 'one' } },
    options: 'CreateOptions',
    undone: { path: `${core}/pods/web`, read: ({ spec }: any) => spec.nodeName, is: undefined },
  },
  {
    method: 'POST',
    path: `${core}/pods/web/eviction`,
    body: { metadata: { name: 'web' } },
    options: 'CreateOptions',
    undone: { path: `${core}/pods/web`, read: ({ metadata }: any) => metadata.name, is: 'web' },
  },
  { method: 'POST', path: `${core}/serviceaccounts/default/token`, body: {}, options: 'CreateOptions' },
  {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
    options: 'CreateOptions',
  },
];

const long = 'a'.repeat(129);
const wrongOptions: readonly [query: string, why: string][] = [
  ['dryRun=Foo', 'dryRun: Unsupported value: ["Foo"]: supported values: "All"'],
  [
    'fieldValidation=Foo',
    'fieldValidation: Unsupported value: "Foo": supported values: "", "Ignore", "Strict", "Warn"',
  ],
  [`fieldManager=${long}`, 'fieldManager: Too long: may not be more than 128 bytes'],
];

for (const { method, path, type = 'application/json', body, options, undone } of writes) {
  const ask = (query: string, sent: object) =>
    api.ask(`${path}?${query}`, { method, body: sent, headers: { 'content-type': type } });
  const isUndone = async () => {
    if (undone !== undefined) assert.deepEqual(undone.read((await api.ask(undone.path)).body), undone.is);
  };

  for (const [query, why] of wrongOptions)
    test(`${method} ${path} with ${query.slice(0, 20)} is refused, and does nothing`, async () => {
      const { code, body: status } = await ask(query, body);
      assert.deepEqual([code, status.message], [422, `${options}.meta.k8s.io "" is invalid: ${why}`]);
      await isUndone();
    });

  test(`${method} ${path} with an unknown field is refused where the client is strict, and does nothing`, async () => {
    const { code, body: status } = await ask('fieldValidation=Strict', { ...body, foo: 1 });
    assert.match(status.message, /strict decoding error: unknown field "foo"/);
    assert.equal(code, method === 'PATCH' ? 422 : 400);
    await isUndone();
  });

  test(`${method} ${path} with an unknown field warns by default`, async () => {
    const { warnings } = await ask('dryRun=All', { ...body, foo: 1 });
    assert.deepEqual(warnings, ['unknown field "foo"']);
    await isUndone();
  });
}

test('an apply is forced by any value that is true', async () => {
  const apply = (query: string, a: string) =>
    api.ask(`${core}/configmaps/forced?${query}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'forced' }, data: { a } },
    });
  assert.equal((await apply('fieldManager=one', '1')).code, 201);
  assert.equal((await apply('fieldManager=two&force=0', '2')).code, 409);
  assert.equal((await apply('fieldManager=two&force=1', '2')).code, 200);
});
