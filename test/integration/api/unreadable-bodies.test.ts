import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;

before(async () => {
  api = await startHttpsApi();
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await api.client.create(ConfigMaps, { metadata: { name: 'there', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const noMeta = "couldn't get version/kind; json parse error:";
const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap):';
const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const keyWanted = "invalid character 'b' looking for beginning of object key string";
const json = 'application/json';

/** What a Kubernetes 1.36.3 answered. */
const rows: readonly (readonly [method: string, path: string, type: string, body: string, message: string])[] = [
  ['POST', maps, json, '', `${unrecognized} ${noMeta} unexpected end of JSON input (<empty>)`],
  ['PUT', `${maps}/there`, json, '{bad json', `${unrecognized} ${noMeta} ${keyWanted} ({bad json)`],
  [
    'POST',
    maps,
    json,
    '{"kind":"ConfigMap","apiVersion":"v1"',
    `${unrecognized} ${noMeta} unexpected end of JSON input ({"kind":"ConfigMap","apiVersio ...)`,
  ],
  [
    'POST',
    maps,
    json,
    '[]',
    `${unrecognized} ${noMeta} json: cannot unmarshal array into Go value of type ${typeMeta} (5b5d)`,
  ],
  [
    'POST',
    maps,
    json,
    '{"kind":1}',
    `${unrecognized} ${noMeta} json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
  ],
  [
    'POST',
    maps,
    'application/yaml',
    'x',
    `${unrecognized} ${noMeta} json: cannot unmarshal string into Go value of type ${typeMeta} (78)`,
  ],
  [
    'POST',
    maps,
    json,
    'null',
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  ['DELETE', `${maps}/there`, json, '{bad', `${noMeta} ${keyWanted}`],
  ['PATCH', `${maps}/there`, 'application/merge-patch+json', '{bad', `error decoding patch: ${keyWanted}`],
  ['PATCH', `${maps}/there`, json, '{}', '415: Unsupported Media Type'],
];
for (const [method, path, type, body, message] of rows)
  test(`${method} of ${JSON.stringify(body)} as ${type} is refused in Kubernetes' words`, async () => {
    const answer = await api.ask(path, { method, headers: { 'content-type': type }, body });
    assert.equal(answer.body.message, message);
  });

test('a version that is no number is a bad request of a list, and a fault of the server of all else', async () => {
  const why = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax';
  const list = await api.ask(`${maps}?resourceVersion=x`);
  assert.deepEqual([list.code, list.body.message], [400, `invalid resource version: ${why}`]);
  const one = await api.ask(`${maps}/there?resourceVersion=x`);
  assert.deepEqual([one.code, one.body.message], [500, why]);
});

test('a rules review does not repeat what was asked', async () => {
  const { body } = await api.ask('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    method: 'POST',
    headers: { 'content-type': json },
    body: JSON.stringify({ spec: { namespace: 'default' } }),
  });
  assert.deepEqual([body.metadata, body.spec], [{}, {}]);
});
