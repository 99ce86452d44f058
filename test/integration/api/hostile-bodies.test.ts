import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const configMaps = '/api/v1/namespaces/default/configmaps';

before(async () => {
  api = await startHttpsApi();
  await api.client.create(ConfigMaps, { metadata: { name: 'there', namespace: 'default' } });
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
});
after(() => api[Symbol.asyncDispose]());

const nested = (depth: number) => `${'{"f:a":'.repeat(depth)}{}${'}'.repeat(depth)}`;
const entry = (fields: string) =>
  `{"metadata":{"name":"deep","managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":${fields}}]}}`;
const tooDeep = "invalid character '{' exceeded max depth";
const tooMany =
  /^the object provided is unrecognized .*yaml: document contains more than 120000 values \([0-9a-f]{60} ...\)$/;
const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): ';

/** Each takes two bytes: the number of the field, and the length of nothing. */
function podOfEmptyContainers(count: number): Buffer {
  const part = (field: number, bytes: Uint8Array): Buffer => {
    const length: number[] = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest < 128) break;
    }
    return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
  };
  const type = Buffer.concat([part(1, Buffer.from('v1')), part(2, Buffer.from('Pod'))]);
  const spec = Buffer.concat(Array<Buffer>(count).fill(part(2, Buffer.alloc(0))));
  return Buffer.concat([Buffer.from('k8s\0'), part(1, type), part(2, part(2, spec))]);
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly body: string | Buffer;
  readonly method?: string;
  readonly path?: string;
  readonly want: readonly [number, string | RegExp];
}

const rows: Row[] = [
  {
    name: 'managed fields 5,000 deep',
    type: 'application/json',
    body: entry(nested(5000)),
    want: [
      400,
      `${unrecognized}couldn't get version/kind; json parse error: ${tooDeep} ({"metadata":{"name":"deep","ma ...)`,
    ],
  },
  {
    name: 'a strategic merge patch 5,000 deep',
    type: 'application/strategic-merge-patch+json',
    method: 'PATCH',
    path: `${configMaps}/there`,
    body: nested(5000),
    want: [400, tooDeep],
  },
  {
    name: 'a merge patch 5,000 deep',
    type: 'application/merge-patch+json',
    method: 'PATCH',
    path: `${configMaps}/there`,
    body: nested(5000),
    want: [400, `error decoding patch: ${tooDeep}`],
  },
  {
    name: 'a JSON patch of copies within each other',
    type: 'application/json-patch+json',
    method: 'PATCH',
    path: `${configMaps}/there`,
    body: JSON.stringify([
      { op: 'add', path: '/metadata/managedFields', value: [{ fieldsV1: { 'f:a': {} } }] },
      ...Array.from({ length: 14 }, (_, at) => ({
        op: 'copy',
        from: '/metadata/managedFields/0/fieldsV1',
        path: `/metadata/managedFields/0/fieldsV1${'/f:a'.repeat(2 ** at)}`,
      })),
    ]),
    want: [422, /max depth|the server rejected our request/],
  },
  {
    name: 'YAML that contains itself',
    type: 'application/apply-patch+yaml',
    method: 'PATCH',
    path: `${configMaps}/there?fieldManager=me`,
    body: 'a: &a [*a]',
    want: [400, "error decoding YAML: yaml: anchor 'a' value contains itself"],
  },
  {
    name: 'much of nothing: no kind',
    type: 'application/apply-patch+yaml',
    method: 'PATCH',
    path: `${configMaps}/there?fieldManager=me`,
    body: `data: {${Array.from({ length: 10_000 }, (_, at) => `k${at}: v`).join(', ')}}`,
    want: [400, 'invalid object type: /, Kind='],
  },
  {
    name: 'ten thousand labels that are none',
    type: 'application/json',
    body: JSON.stringify({
      metadata: { name: 'x', labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`${at}!`, ''])) },
    }),
    want: [422, /^ConfigMap "x" is invalid: .*… \(\d+ characters\)$/],
  },
  {
    name: 'a pod of 15,000 containers',
    type: 'application/json',
    path: '/api/v1/namespaces/default/pods',
    body: JSON.stringify({
      metadata: { name: 'full' },
      spec: { containers: Array.from({ length: 15_000 }, (_, at) => ({ name: `c${at}`, image: 'i' })) },
    }),
    want: [
      413,
      'Request entity too large: limit is 60000 values, where an item of a list and a key of a large map count as 5',
    ],
  },
  {
    name: 'a megabyte of an iSCSI name that begins again and again',
    type: 'application/json',
    path: '/api/v1/namespaces/default/pods',
    body: JSON.stringify({
      metadata: { name: 'disk' },
      spec: {
        containers: [{ name: 'c', image: 'i' }],
        volumes: [{ name: 'v', iscsi: { targetPortal: '192.0.2.1', lun: 0, iqn: 'iqn.2000-01.'.repeat(80_000) } }],
      },
    }),
    want: [422, /^Pod "disk" is invalid: spec\.volumes\[0\]\.iscsi\.iqn: .*: must be valid format$/],
  },
  {
    name: 'a name of a megabyte',
    type: 'application/json',
    body: JSON.stringify({ metadata: { name: 'x'.repeat(1_000_000) } }),
    want: [422, /^ConfigMap "x{1024}… \(1000000 characters\)" is invalid: .{1,20000}$/],
  },
  {
    name: 'a key of a megabyte',
    type: 'application/json',
    body: JSON.stringify({ metadata: { name: 'x' }, data: { ['x'.repeat(1_000_000)]: '' } }),
    want: [422, /^ConfigMap "x" is invalid: .{1,66000}$/],
  },
  {
    name: 'YAML of 120,000 members',
    type: 'application/yaml',
    body: `data: {${Array.from({ length: 120_000 }, (_, at) => `k${at}: v`).join(', ')}}`,
    want: [400, tooMany],
  },
  {
    name: 'a few letters of YAML whose aliases stand for 270,000 values',
    type: 'application/yaml',
    body: `a: &a [${'x,'.repeat(3000)}]\nb: [${'*a,'.repeat(90)}]`,
    want: [400, tooMany],
  },
  {
    name: 'protobuf of a million empty containers',
    type: 'application/vnd.kubernetes.protobuf',
    path: '/api/v1/namespaces/default/pods',
    body: podOfEmptyContainers(1_000_000),
    want: [400, 'Pod in version "v1" cannot be handled as a Pod: exceeded max fields (60000)'],
  },
];

for (const { name, type, body, method = 'POST', path = configMaps, want } of rows)
  test(`${name}: refused in few words`, { timeout: 60_000 }, async () => {
    const answer = await api.ask(path, { method, headers: { 'content-type': type }, body });
    const [code, message] = want;
    assert.equal(answer.code, code, answer.text.slice(0, 500));
    if (typeof message === 'string') assert.equal(answer.body.message, message);
    else assert.match(answer.body.message, message);
    assert.ok(answer.text.length < 500_000, `${answer.text.length} characters`);
  });
