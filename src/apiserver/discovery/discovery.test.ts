import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { servedResources } from '../../api/resources.ts';
import { createDiscovery } from './discovery.ts';

const few = new Set(['pods', 'services', 'deployments', 'horizontalpodautoscalers', 'leases', 'tokenreviews']);
const served = servedResources.filter(({ type }) => few.has(type.resource));
const discovery = createDiscovery({ served: () => served, serverAddress: '10.0.0.1:6443', version: 'v1.36.0' });

async function ask(path: string, accept?: string) {
  const answer = await discovery.handle(path, accept);
  assert.ok(answer, `nothing answers ${path}`);
  return answer;
}

async function json(path: string, accept?: string) {
  return JSON.parse(Buffer.from((await ask(path, accept)).body).toString());
}

test('the core has one version, at the address of the server', async () => {
  assert.deepEqual(await json('/api'), {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '10.0.0.1:6443' }],
  });
});

test('groups without a served resource are left out, the others keep the order of Kubernetes', async () => {
  const names = (await json('/apis')).groups.map(({ name }: { name: string }) => name);
  assert.deepEqual(names, ['apps', 'authentication.k8s.io', 'autoscaling', 'coordination.k8s.io']);
});

test('the root names all paths', async () => {
  const { paths } = await json('/');
  for (const path of ['/api/v1', '/apis/', '/apis/apps/v1', '/openapi/v2', '/version'])
    assert.ok(paths.includes(path), path);
});

test('a group says its versions, the preferred one first', async () => {
  assert.deepEqual(await json('/apis/autoscaling'), {
    kind: 'APIGroup',
    apiVersion: 'v1',
    name: 'autoscaling',
    versions: [
      { groupVersion: 'autoscaling/v2', version: 'v2' },
      { groupVersion: 'autoscaling/v1', version: 'v1' },
    ],
    preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
  });
});

test('a version lists its resources, each followed by its subresources', async () => {
  const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  assert.deepEqual(await json('/apis/apps/v1'), {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'apps/v1',
    resources: [
      {
        name: 'deployments',
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        verbs: allVerbs,
        shortNames: ['deploy'],
        categories: ['all'],
        storageVersionHash: '8aSe+NMegvE=',
      },
      {
        name: 'deployments/scale',
        singularName: '',
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get', 'patch', 'update'],
      },
      {
        name: 'deployments/status',
        singularName: '',
        namespaced: true,
        kind: 'Deployment',
        verbs: ['get', 'patch', 'update'],
      },
    ],
  });
});

test('a kind that is not stored has no storage version', async () => {
  const [review] = (await json('/apis/authentication.k8s.io/v1')).resources;
  assert.deepEqual([review.name, review.verbs, review.storageVersionHash], ['tokenreviews', ['create'], undefined]);
});

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const protobuf = aggregated.replace('json', 'vnd.kubernetes.protobuf');
const forms: { name: string; path: string; accept: string | undefined; code?: number; type: string }[] = [
  { name: 'nothing', path: '/apis', accept: undefined, type: 'application/json' },
  { name: 'anything', path: '/apis', accept: '*/*', type: 'application/json' },
  { name: 'YAML', path: '/apis', accept: 'application/yaml', type: 'application/yaml' },
  { name: 'the aggregated form', path: '/apis', accept: aggregated, type: aggregated },
  {
    name: 'the aggregated form of a group, which has none',
    path: '/apis/apps',
    accept: `${aggregated},application/json`,
    type: 'application/json',
  },
  { name: 'the aggregated form as protobuf', path: '/api', accept: protobuf, type: protobuf },
  {
    name: 'the aggregated form, then its beta, then plain JSON',
    path: '/api',
    accept: `${aggregated},${aggregated.replace('v2', 'v2beta1')},application/json`,
    type: aggregated,
  },
  {
    name: 'an unknown version or plain JSON',
    path: '/apis',
    accept: `${aggregated.replace('v2', 'v9')},application/json`,
    type: 'application/json',
  },
  {
    name: 'only an unknown version',
    path: '/apis',
    accept: aggregated.replace('v2', 'v9'),
    code: 406,
    type: 'application/json',
  },
  { name: 'XML', path: '/api', accept: 'application/xml', code: 406, type: 'application/json' },
  { name: 'OpenAPI 2 in any form', path: '/openapi/v2', accept: '*/*', type: 'application/json' },
  {
    name: 'OpenAPI 2 as protobuf, by its old name',
    path: '/openapi/v2',
    accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    type: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  },
  {
    name: 'OpenAPI 2 as XML',
    path: '/openapi/v2',
    accept: 'application/xml',
    code: 406,
    type: '',
  },
];
for (const { name, path, accept, code = 200, type } of forms) {
  test(`a client that accepts ${name} gets ${code} ${type === '' ? 'and nothing else' : type}`, async () => {
    const answer = await ask(path, accept);
    assert.deepEqual([answer.code, answer.contentType], [code, type]);
  });
}

const missing: { path: string; code: number | undefined; type?: string }[] = [
  { path: '/apis/apps/v9', code: 404, type: 'application/json' },
  { path: '/apis/example.com', code: 404, type: 'text/plain; charset=utf-8' },
  { path: '/openapi/v3/apis/none/v1', code: 404, type: '' },
  { path: '/apis/apps/v1/deployments', code: undefined },
  { path: '/healthz', code: undefined },
];
for (const { path, code, type } of missing) {
  test(`${path} is ${code === undefined ? 'left to others' : `answered with ${code}`}`, async () => {
    const answer = await discovery.handle(path);
    assert.deepEqual([answer?.code, answer?.contentType], [code, type]);
  });
}

test('aggregated discovery holds what the single documents hold', async () => {
  const names = async (path: string) =>
    (await json(path, aggregated)).items.flatMap(
      ({ versions }: { versions: { resources: { resource: string }[] }[] }) =>
        versions.flatMap(({ resources }) => resources.map(({ resource }) => resource)),
    );
  assert.deepEqual(await names('/api'), ['pods', 'services']);
  assert.deepEqual(await names('/apis'), [
    'deployments',
    'tokenreviews',
    'horizontalpodautoscalers',
    'horizontalpodautoscalers',
    'leases',
  ]);
});

test('an answer is made once and keeps its tag; compressed it is the same', async () => {
  const first = await ask('/openapi/v3/apis/apps/v1');
  const second = await ask('/openapi/v3/apis/apps/v1');
  assert.equal(first.body, second.body);
  assert.equal(first.etag, second.etag);
  assert.deepEqual(gunzipSync(await first.compressed!()), Buffer.from(first.body));
});
