import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const maps = '/api/v1/namespaces/default/configmaps';
before(async () => {
  api = await startHttpsApi();
  await api.client.create(ConfigMaps, { metadata: { name: 'there', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const typed = { kind: 'ConfigMap', apiVersion: 'v1' };
const nameless = (name: string) =>
  `the name of the object (${name} based on URL) was undeterminable: name must be provided`;
const wrongName = (given: string, name: string) =>
  `the name of the object (${given}) does not match the name on the URL (${name})`;
const wrongType = (given: string) => `invalid object type: ${given}, Kind=ConfigMap`;
const types = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  put: 'application/json',
};

const writes: { way: keyof typeof types; name: string; body: object; want: readonly [number, string?] }[] = [
  { way: 'apply', name: 'there', body: { ...typed, apiVersion: 'v2' }, want: [400, wrongType('/v2')] },
  { way: 'apply', name: 'there', body: { ...typed, apiVersion: 'apps/v1' }, want: [400, wrongType('apps/v1')] },
  { way: 'apply', name: 'there', body: { ...typed, metadata: { name: 'x' } }, want: [400, wrongName('x', 'there')] },
  { way: 'apply', name: 'there', body: typed, want: [200] },
  { way: 'apply', name: 'new', body: typed, want: [400, nameless('new')] },
  {
    way: 'apply',
    name: 'new',
    body: { ...typed, metadata: { name: 'new', namespace: 'x' } },
    want: [400, 'the namespace of the provided object does not match the namespace sent on the request'],
  },
  { way: 'apply', name: 'new', body: { ...typed, metadata: { name: 'new' } }, want: [201] },
  { way: 'put', name: 'there', body: typed, want: [400, nameless('there')] },
  { way: 'put', name: 'there', body: { ...typed, metadata: { name: 'x' } }, want: [400, wrongName('x', 'there')] },
  { way: 'put', name: 'there', body: { ...typed, metadata: { name: 'there' } }, want: [200] },
  { way: 'merge', name: 'there', body: { metadata: { name: null } }, want: [400, nameless('there')] },
  { way: 'merge', name: 'there', body: { metadata: { name: 'x' } }, want: [400, wrongName('x', 'there')] },
];

for (const { way, name, body, want } of writes)
  test(`${way} of ${JSON.stringify(body)} to ${name}`, async () => {
    const method = way === 'put' ? 'PUT' : 'PATCH';
    const answer = await api.ask(`${maps}/${name}?fieldManager=test`, {
      method,
      body,
      headers: { 'content-type': types[way] },
    });
    assert.deepEqual([answer.code, answer.body.message], [want[0], want[1]]);
  });

const shapes: { path: string; as: string; want: readonly [number, string] }[] = [
  { path: maps, as: 'PartialObjectMetadataList', want: [200, 'PartialObjectMetadataList'] },
  { path: `${maps}/there`, as: 'PartialObjectMetadata', want: [200, 'PartialObjectMetadata'] },
  {
    path: maps,
    as: 'PartialObjectMetadata',
    want: [406, 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)'],
  },
  {
    path: `${maps}/there`,
    as: 'PartialObjectMetadataList',
    want: [406, 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)'],
  },
  {
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    as: 'PartialObjectMetadata',
    want: [406, 'you requested PartialObjectMetadata, but the requested object is a list (*rbac.ClusterRoleList)'],
  },
];

for (const { path, as, want } of shapes)
  test(`${path} as ${as}`, async () => {
    const { code, body } = await api.ask(path, { headers: { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } });
    assert.deepEqual([code, code === 200 ? body.kind : body.message], want);
    if (code !== 200) assert.equal(body.reason, 'NotAcceptable');
  });
