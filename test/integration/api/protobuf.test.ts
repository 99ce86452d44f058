import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { protobuf } from '../../../src/api/protobuf.ts';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { openEnvelope } from '../../../src/apimachinery/protobuf/envelope.ts';
import { parseYaml } from '../../../src/apimachinery/yaml.ts';
import { startHttpsApi, type Asked, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
const type = 'application/vnd.kubernetes.protobuf';
const configMaps = '/api/v1/namespaces/default/configmaps';
const definitions = {
  configMap: 'io.k8s.api.core.v1.ConfigMap',
  configMaps: 'io.k8s.api.core.v1.ConfigMapList',
  status: 'io.k8s.apimachinery.pkg.apis.meta.v1.Status',
  metadata: 'io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata',
  event: 'io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent',
};

before(async () => {
  api = await startHttpsApi();
  for (const name of ['a', 'b'])
    await api.client.create(ConfigMaps, {
      metadata: { name, namespace: 'default', labels: { l: name } },
      data: { k: 'ü' },
    });
});
after(() => api[Symbol.asyncDispose]());

const ask = (path: string, options: Asked = {}) =>
  api.ask(path, { ...options, headers: { accept: type, ...options.headers } });
const json = async (path: string) => (await api.ask(path)).body;

test('an object is the same in protobuf as in JSON', async () => {
  const { code, headers, bytes } = await ask(`${configMaps}/a`);
  assert.deepEqual([code, headers['content-type']], [200, type]);
  assert.deepEqual(protobuf.decode(bytes, definitions.configMap), await json(`${configMaps}/a`));
});

test('a list, and a page of one, are the same in protobuf as in JSON', async () => {
  for (const path of [`${configMaps}?labelSelector=l`, `${configMaps}?labelSelector=l%3Dnone`]) {
    const { bytes } = await ask(path);
    const { items = [], ...list } = protobuf.decode(bytes, definitions.configMaps);
    assert.deepEqual({ ...list, items }, await json(path));
  }
  const { bytes } = await ask(`${configMaps}?limit=1`);
  const { metadata, items } = protobuf.decode(bytes, definitions.configMaps) as any;
  assert.equal(items.length, 1);
  assert.ok(metadata.continue);
  assert.ok(metadata.remainingItemCount >= 1);
});

test('metadata alone comes in protobuf too, of objects and lists', async () => {
  const as = (kind: string) => ({ headers: { accept: `${type};as=${kind};g=meta.k8s.io;v=v1` } });
  const one = await ask(`${configMaps}/a`, as('PartialObjectMetadata'));
  const { metadata } = await json(`${configMaps}/a`);
  assert.deepEqual(protobuf.decode(one.bytes, definitions.metadata), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
  });
  const all = await ask(`${configMaps}?labelSelector=l`, as('PartialObjectMetadataList'));
  const list = protobuf.decode(all.bytes, `${definitions.metadata}List`) as any;
  assert.equal(list.kind, 'PartialObjectMetadataList');
  assert.deepEqual(list.items[0].metadata, metadata);
});

test('what is written in protobuf is answered in protobuf, and refusals too', async () => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'made' }, data: { a: 'b' } };
  const body = Buffer.concat(protobuf.encode(object, definitions.configMap));
  const made = await ask(configMaps, { method: 'POST', headers: { 'content-type': type }, body });
  assert.equal(made.code, 201);
  assert.deepEqual((protobuf.decode(made.bytes, definitions.configMap) as any).data, { a: 'b' });
  const again = await ask(configMaps, { method: 'POST', headers: { 'content-type': type }, body });
  assert.deepEqual([again.code, again.headers['content-type']], [409, type]);
  const status = protobuf.decode(again.bytes, definitions.status) as any;
  assert.deepEqual([status.reason, status.code, status.details.name], ['AlreadyExists', 409, 'made']);
  const dryRun = await ask(`${configMaps}/made?dryRun=All`, { method: 'PUT', headers: { 'content-type': type }, body });
  assert.equal((protobuf.decode(dryRun.bytes, definitions.configMap) as any).metadata.name, 'made');
  const options = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' };
  const gone = await ask(`${configMaps}/made`, {
    method: 'DELETE',
    headers: { 'content-type': type },
    body: Buffer.concat(protobuf.encode(options, 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions')),
  });
  assert.equal((protobuf.decode(gone.bytes, definitions.status) as any).status, 'Success');
});

for (const { path, kind, definition, spec } of [
  {
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    definition: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  },
  {
    path: '/api/v1/namespaces/default/serviceaccounts/robot/token',
    kind: 'TokenRequest',
    definition: 'io.k8s.api.authentication.v1.TokenRequest',
    spec: { audiences: ['x'], expirationSeconds: 3600 },
  },
])
  test(`${kind} goes in and out in protobuf`, async () => {
    if (kind === 'TokenRequest')
      await api.ask('/api/v1/namespaces/default/serviceaccounts', {
        method: 'POST',
        body: { metadata: { name: 'robot' } },
      });
    const group = definition.split('.')[3];
    const apiVersion = `${group}.k8s.io/v1`;
    const body = Buffer.concat(protobuf.encode({ kind, apiVersion, metadata: {}, spec } as any, definition));
    const made = await ask(path, { method: 'POST', headers: { 'content-type': type }, body });
    assert.equal(made.code, 201, made.bytes.toString('latin1'));
    const answer = protobuf.decode(made.bytes, definition) as any;
    assert.deepEqual([answer.kind, answer.apiVersion], [kind, apiVersion]);
    assert.ok(answer.status.allowed === true || answer.status.token.length > 100);
  });

/** Events of a watch in frames. */
function eventsIn(bytes: Buffer): { type: string; kind: string; apiVersion: string; message: Uint8Array }[] {
  const events = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const frame = bytes.subarray(at + 4, at + 4 + length);
    // The object is no JSON here, but an envelope: field 2 of the event, and in it field 1.
    assert.equal(frame[0], 10);
    const name = frame.subarray(2, 2 + frame[1]!).toString();
    const start = frame.indexOf('k8s\0');
    events.push({ type: name, ...openEnvelope(frame.subarray(start)) });
    at += 4 + length;
  }
  return events;
}

test('a watch comes in frames, with its end of the beginning and its errors', async () => {
  const query =
    'watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  const { headers, bytes } = await ask(`${configMaps}?labelSelector=l&${query}`, {
    headers: { accept: `${type};stream=watch` },
  });
  assert.equal(headers['content-type'], `${type};stream=watch`);
  const events = eventsIn(bytes);
  assert.deepEqual(
    events.map((event) => event.type),
    ['ADDED', 'ADDED', 'BOOKMARK'],
  );
  const objects = events.map(({ message }) => protobuf.decodeMessage(message, definitions.configMap) as any);
  const { kind: _kind, apiVersion: _apiVersion, ...first } = await json(`${configMaps}/a`);
  assert.deepEqual(objects[0], first);
  assert.deepEqual(objects[2].metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  assert.equal(events[2]!.kind, 'ConfigMap');
  const expired = await ask(`${configMaps}?watch=1&resourceVersion=1`);
  const [error] = eventsIn(expired.bytes);
  assert.deepEqual([error!.type, error!.kind], ['ERROR', 'Status']);
  assert.equal((protobuf.decodeMessage(error!.message, definitions.status) as any).code, 410);
});

for (const { name, path = `${configMaps}/a`, accept, want } of [
  { name: 'protobuf before JSON', accept: `${type},application/json`, want: [200, type] },
  { name: 'by quality', accept: `${type};q=0.5,application/json;q=0.8`, want: [200, 'application/json'] },
  { name: 'anything', accept: '*/*', want: [200, 'application/json'] },
  { name: 'anything but last', accept: `*/*;q=0.1,${type};q=0.2`, want: [200, type] },
  {
    name: 'a Table in protobuf, or JSON',
    path: configMaps,
    accept: `${type};as=Table;g=meta.k8s.io;v=v1,application/json`,
    want: [200, 'application/json'],
  },
  {
    name: 'a Table in protobuf',
    path: configMaps,
    accept: `${type};as=Table;g=meta.k8s.io;v=v1`,
    want: [
      406,
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
  },
  {
    name: 'a watch as YAML',
    path: `${configMaps}?watch=1&timeoutSeconds=1`,
    accept: 'application/yaml',
    want: [
      406,
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    ],
  },
  {
    name: 'XML',
    accept: 'application/xml',
    want: [
      406,
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
  },
  {
    name: 'an unknown stream',
    accept: 'application/json;stream=other',
    want: [406, /^only the following media types/],
  },
] as const)
  test(`${name}: agreed on as Kubernetes does`, async () => {
    const { code, headers, bytes } = await ask(path, { headers: { accept } });
    const [wanted, what] = want;
    assert.equal(code, wanted);
    if (code === 200) return assert.equal(headers['content-type'], what);
    const { message, reason } = parseYaml(bytes.toString()).value as { message: string; reason: string };
    assert.equal(reason, 'NotAcceptable');
    if (typeof what === 'string') assert.equal(message, what);
    else assert.match(message, what);
  });

test('large answers are compressed for who accepts gzip', async () => {
  const data = { x: 'compress me '.repeat(20_000) };
  for (const name of ['large-1', 'large-2'])
    await api.client.create(ConfigMaps, { metadata: { name, namespace: 'default' }, data });
  for (const accept of ['application/json', type])
    for (const path of [`${configMaps}/large-1`, configMaps]) {
      const plain = await ask(path, { headers: { accept } });
      const short = await ask(path, { headers: { accept, 'accept-encoding': 'deflate, gzip' } });
      assert.deepEqual([short.headers['content-encoding'], short.headers['vary']], ['gzip', 'Accept-Encoding']);
      assert.equal(plain.headers['content-encoding'], undefined);
      assert.ok(short.bytes.length < plain.bytes.length / 4);
      assert.ok(gunzipSync(short.bytes).equals(plain.bytes));
    }
  const small = await ask(`${configMaps}/a`, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(small.headers['content-encoding'], undefined);
  const refused = await ask(configMaps, { headers: { accept: 'application/json', 'accept-encoding': 'gzip;q=0' } });
  assert.equal(refused.headers['content-encoding'], undefined);
});
