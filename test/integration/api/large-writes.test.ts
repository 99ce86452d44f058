import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../../src/apimachinery/object.ts';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

/** Each look at it takes as long as a turn may: every step of a large write waits for the next one. */
let now = 0;
const clock = { ...systemClock, monotonic: () => (now += 5), busy: () => now };

let api: HttpsApi;
const path = '/api/v1/namespaces/default/configmaps';
before(async () => {
  api = await startHttpsApi({ clock });
});
after(() => api[Symbol.asyncDispose]());

const keys = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));
const large = 3000;

interface Write {
  readonly method: string;
  readonly type: string;
  readonly body: unknown;
  readonly query?: string;
}

const object = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

/** Whatever way an object is written, the same comes of a large one in turns as of a small one at once. */
const ways: Record<string, (name: string, count: number) => Write> = {
  PUT: (name, count) => ({ method: 'PUT', type: 'application/json', body: object(name, keys(count, 'w')) }),
  'PUT of YAML': (name, count) => ({
    method: 'PUT',
    type: 'application/yaml',
    body: `metadata: {name: ${name}}\ndata:\n${Object.keys(keys(count, ''))
      .map((key) => `  ${key}: w\n`)
      .join('')}`,
  }),
  'merge patch': (_name, count) => ({
    method: 'PATCH',
    type: 'application/merge-patch+json',
    body: { data: keys(count, 'w') },
  }),
  'strategic patch': (_name, count) => ({
    method: 'PATCH',
    type: 'application/strategic-merge-patch+json',
    body: { data: keys(count, 'w') },
  }),
  'JSON patch': (_name, count) => ({
    method: 'PATCH',
    type: 'application/json-patch+json',
    body: [{ op: 'replace', path: '/data', value: keys(count, 'w') }],
  }),
  apply: (name, count) => ({
    method: 'PATCH',
    type: 'application/apply-patch+yaml',
    query: '?fieldManager=b&force=true',
    body: object(name, keys(count, 'w')),
  }),
};

async function written(name: string, count: number, { method, type, body, query = '' }: Write): Promise<KubeObject> {
  const created = await api.ask(`${path}?fieldManager=a`, { method: 'POST', body: object(name, keys(count, 'v')) });
  assert.equal(created.code, 201, created.text.slice(0, 500));
  const options = query === '' ? '?fieldManager=b' : query;
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const { code, text } = await api.ask(`${path}/${name}${options}`, {
    method,
    headers: { 'content-type': type },
    body: sent,
  });
  assert.equal(code, 200, text.slice(0, 500));
  return JSON.parse(text) as KubeObject;
}

/** Each key and its value, and who owns it. */
function summary({ data, metadata }: KubeObject & { data?: Record<string, string> }): unknown {
  const values = Object.entries(data!);
  return {
    values: [...new Set(values.map(([, value]) => value))],
    count: values.length,
    managers: metadata.managedFields!.map(({ manager, operation, fieldsV1 }) => {
      const fields = (fieldsV1 as Record<string, object>)['f:data'] ?? {};
      const parts = Object.keys(fields);
      assert.deepEqual(parts, parts.toSorted(), 'fields are in order');
      return { manager, operation, owned: parts.length };
    }),
  };
}

for (const [way, write] of Object.entries(ways))
  test(`${way} of much in turns does what it does with little at once`, async () => {
    const suffix = way.toLowerCase().replaceAll(' ', '-');
    const little = summary(await written(`little-${suffix}`, 3, write(`little-${suffix}`, 3)));
    const much = summary(await written(`much-${suffix}`, large, write(`much-${suffix}`, large)));
    const expected = JSON.parse(
      JSON.stringify(little).replaceAll(
        /"(count|owned)":(3|4)\b/g,
        (_all, name: string, count: string) => `"${name}":${large + Number(count) - 3}`,
      ),
    ) as unknown;
    assert.deepEqual(much, expected);
  });

test('a dry run of much answers in turns what it would make', async () => {
  const made = await api.ask(`${path}?dryRun=All`, { method: 'POST', body: object('dry', keys(large, 'v')) });
  assert.equal(made.code, 201);
  assert.equal(made.text, `${JSON.stringify(JSON.parse(made.text))}\n`);
  assert.deepEqual((made.body as { data?: object }).data, keys(large, 'v'));
  await api.client.create(ConfigMaps, { metadata: { name: 'dry', namespace: 'default' }, data: keys(large, 'v') });
  const put = object('dry', keys(large, 'w'));
  const { body, code } = await api.ask(`${path}/dry?dryRun=All`, { method: 'PUT', body: put });
  assert.equal(code, 200);
  assert.deepEqual((body as { data?: object }).data, put.data);
});

test('a generated name is drawn and the object created in turns', async () => {
  const { code, body } = await api.ask(path, {
    method: 'POST',
    body: { metadata: { generateName: 'made-' }, data: keys(large, 'v') },
  });
  assert.equal(code, 201);
  assert.match(body.metadata.name, /^made-/);
});

test('another write between two turns is not lost', async () => {
  await api.client.create(ConfigMaps, { metadata: { name: 'shared', namespace: 'default' }, data: keys(large, 'v') });
  const patch = (data: object) =>
    api.ask(`${path}/shared`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ data }),
    });
  const answers = await Promise.all([patch({ a: '1', ...keys(large, 'w') }), patch({ b: '2' }), patch({ c: '3' })]);
  assert.deepEqual(
    answers.map(({ code }) => code),
    [200, 200, 200],
  );
  const { data } = await api.client.get(ConfigMaps, { name: 'shared', namespace: 'default' });
  assert.deepEqual([data!['a'], data!['b'], data!['c'], data!['k0']], ['1', '2', '3', 'w']);
});

test('an object that patches made heavier than a body may be is not stored', async () => {
  await api.client.create(ConfigMaps, { metadata: { name: 'grown', namespace: 'default' }, data: keys(4000, 'v') });
  const more = Object.fromEntries(Array.from({ length: 4000 }, (_, at) => [`l${at}`, 'v']));
  const { code, body } = await api.ask(`${path}/grown`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ data: more }),
  });
  assert.equal(code, 413);
  assert.match(body.message, /^Request entity too large: limit is 60000 values/);
});
