import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { effect } from '@preact/signals';
import { WebSocket as RawWebSocket } from 'ws';
import {
  ConfigMaps,
  Namespaces,
  Nodes,
  Pods,
  Secrets,
  ServiceAccounts,
  type Namespace,
  type Node,
  type Pod,
  type Secret,
} from '../../../src/api/core/v1/types.ts';
import type { KubeletProxy } from '../../../src/apiserver/http/streams.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import type { Client } from '../../../src/client/client.ts';
import { createInformer } from '../../../src/client/informer-cache.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { serveDashboard } from '../../../src/dashboard/node/serve.ts';
import { followCluster } from '../../../src/dashboard/state/cluster.ts';
import { createProxyTransport, type ProxyTransport } from '../../../src/dashboard/state/proxy-transport.ts';
import { rowsOf, tableTransport } from '../../../src/dashboard/state/table-rows.ts';
import { keepAlive } from '../../../src/main/keep-alive.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const sources = { clock: systemClock, random: systemRandom };
const stack = new AsyncDisposableStack();
let api: HttpsApi;
let url: URL;
let admin: Client;
let transport: ProxyTransport;

/** What a container writes, in two pieces: the second when the first has been seen. */
const seen = Promise.withResolvers<void>();
const kubelets: KubeletProxy = {
  async proxyStream(reply, { path }) {
    const stream = reply.stream(200, { 'content-type': 'text/plain' });
    stream.write(Buffer.from(`${path}\nsch\u00c3`, 'latin1'));
    await seen.promise;
    stream.write(Buffer.from('\u00b6n\n', 'latin1'));
    stream.end();
  },
  proxyRequest: () => Promise.reject(new Error('nobody asks')),
  proxyUpgrade: () => Promise.reject(new Error('nobody asks')),
};

before(async () => {
  stack.use(keepAlive());
  api = stack.use(await startHttpsApi({ kubelets }));
  const dashboard = stack.use(
    await serveDashboard({
      access: () => Promise.resolve(api.access),
      port: 0,
      files: new Map([['index.html', { type: 'text/html', content: '<html></html>' }]]),
      clock: systemClock,
    }),
  );
  url = new URL(dashboard.url);
  transport = createProxyTransport(url.origin, () => {});
  admin = api.client;
  await admin.create(Namespaces, { metadata: { name: 'shop' }, spec: {} });
  await admin.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'shop' } });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"a":"hidden"}}' };
  await admin.create(Secrets, {
    metadata: { name: 'token', namespace: 'shop', annotations },
    stringData: { a: 'hidden' },
  });
});
after(() => stack.disposeAsync());

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function asks(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const call = request({ host: url.hostname, port: url.port, path, agent: false, ...options }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (piece) => (text += piece));
    answer.on('end', () => resolve({ code: answer.statusCode!, text, headers: answer.headers }));
  });
  call.on('error', reject).end();
  return promise;
}

test('the page comes with a policy that lets it load and reach nothing but its own origin', async () => {
  const { code, text, headers } = await asks('/');
  assert.equal(code, 200);
  assert.equal(text, '<html></html>');
  assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('reads are answered by the API server, in the name of the user', async () => {
  const { code, text, headers } = await asks('/api/v1/namespaces/shop');
  assert.equal(code, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal((JSON.parse(text) as Namespace).metadata.name, 'shop');
});

const refusals: { name: string; path: string; options?: Parameters<typeof asks>[1]; want: [number, string, RegExp] }[] =
  [
    {
      name: 'a secret that nobody has asked to see',
      path: '/api/v1/namespaces/shop/secrets/token',
      want: [403, 'Forbidden', /secrets "token" is forbidden: the dashboard passes secrets one by one/],
    },
    {
      name: 'a change',
      path: '/api/v1/namespaces/shop',
      options: { method: 'DELETE' },
      want: [405, 'MethodNotAllowed', /only reads/],
    },
    {
      name: 'a name that points here',
      path: '/api/v1/namespaces',
      options: { headers: { host: 'rebound.example' } },
      want: [403, 'Forbidden', /answers to localhost/],
    },
    { name: 'a file that is not there', path: '/other.js', want: [404, 'NotFound', /could not find/] },
    {
      name: 'an object that is not there: the API server’s own words',
      path: '/api/v1/namespaces/other',
      want: [404, 'NotFound', /^namespaces "other" not found$/],
    },
  ];

for (const { name, path, options, want } of refusals)
  test(`a Status refuses ${name}`, async () => {
    const { code, text } = await asks(path, options);
    const status = JSON.parse(text) as { kind: string; reason: string; message: string };
    assert.deepEqual([code, status.kind, status.reason], [want[0], 'Status', want[1]]);
    assert.match(status.message, want[2]);
  });

for (const [name, path, headers, code] of [
  ['without a watch', '/api/v1/namespaces', {}, 400],
  ['of another origin', '/api/v1/namespaces?watch=true', { origin: 'http://evil.example' }, 403],
  ['for secrets', '/api/v1/secrets?watch=true', {}, 403],
  ['for exec', '/api/v1/namespaces/shop/pods/a/exec?command=sh', {}, 403],
] as const)
  test(`a WebSocket ${name} is refused with ${code}`, async () => {
    const socket = new RawWebSocket(`ws://${url.host}${path}`, { headers });
    const { promise, resolve } = Promise.withResolvers<number>();
    socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode!));
    socket.on('open', () => resolve(101));
    socket.on('error', () => {});
    assert.equal(await promise, code);
    socket.terminate();
  });

test('an informer over the proxy holds rows as kubectl prints them, and follows changes through its watch', async () => {
  const stop = new AbortController();
  const learnt: string[] = [];
  const tables = createClient(
    tableTransport(transport, {
      extractOf: ({ resource }) =>
        resource === 'pods' ? (object) => (object as Pod).spec.containers[0]!.image : undefined,
      learn: (_, columns) => learnt.push(...columns.map(({ name }) => name)),
    }),
  );
  const informer = createInformer(tables, rowsOf(Pods), { ...sources, log: silentLogger, signal: stop.signal });
  await informer.synced();
  assert.deepEqual(informer.list(), []);
  assert.deepEqual(learnt.slice(0, 5), ['Name', 'Ready', 'Status', 'Restarts', 'Age']);
  const pod: Pod = {
    metadata: { name: 'one', namespace: 'shop', annotations: { note: 'long' }, labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'web:1' }] },
  };
  const created = await admin.create(Pods, pod);
  assert.ok(await informer.reached(created.metadata.resourceVersion!, 10_000));
  const row = informer.get({ namespace: 'shop', name: 'one' })!;
  assert.deepEqual(row.cells.slice(0, 4), ['one', '0/1', 'Pending', '0']);
  assert.deepEqual([row.kind, row.extract, row.metadata.labels], ['Pod', 'web:1', { app: 'web' }]);
  assert.equal(row.metadata.annotations ?? row.metadata.managedFields, undefined);
  const gone = new Promise<void>((resolve) => {
    informer.onChange(({ type }) => type === 'deleted' && resolve());
  });
  await admin.delete(Pods, { namespace: 'shop', name: 'one' }, { gracePeriodSeconds: 0 });
  await gone;
  assert.deepEqual(informer.list(), []);
  stop.abort();
});

test('a long list comes in pages, of a kind of which nothing is kept with metadata only', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  for (const name of names) await admin.create(ConfigMaps, { metadata: { name, namespace: 'shop' }, data: { a: 'b' } });
  const asked: string[] = [];
  const progress: (readonly [number, number | undefined])[] = [];
  const watched: ProxyTransport = { ...transport, read: (path) => (asked.push(path), transport.read(path)) };
  const rows = tableTransport(watched, {
    extractOf: () => undefined,
    learn: () => {},
    progress: (_, read, left) => progress.push([read, left]),
    pageSize: 3,
  });
  const { items } = await createClient(rows).list(rowsOf(ConfigMaps), { namespace: 'shop' });
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    names,
  );
  assert.ok(asked.every((path) => path.includes('includeObject=Metadata') && path.includes('limit=3')));
  assert.deepEqual(progress, [
    [3, 4],
    [6, 1],
    [7, 0],
  ]);
});

/** Waits until signals have the values that the question is about. */
function until(question: () => boolean): Promise<void> {
  return new Promise<void>((resolve) => {
    effect(() => {
      if (question()) resolve();
    });
  });
}

test('all that the page shows of a cluster is read, and named while it is not', async () => {
  const stop = new AbortController();
  const cluster = followCluster(transport, { ...sources, signal: stop.signal });
  assert.deepEqual(cluster.unread.value[0]!.what, 'the kinds that the server has');
  await until(() => cluster.unread.value.length === 0);
  const judged = cluster.judged.value.map(({ id }) => id);
  assert.deepEqual(judged.slice(0, 3), ['nodes', 'deployments.apps', 'statefulsets.apps']);
  const served = (id: string) => cluster.kinds.value.find((kind) => kind.id === id)!;
  assert.equal(await cluster.count(served('secrets'), 'shop'), 1);
  assert.equal(cluster.kind(served('pods'), stop.signal), cluster.pods);
  stop.abort();
});

test('a log comes as it is written, also when a letter is cut in two', async () => {
  const stop = new AbortController();
  await admin.create(Nodes, { metadata: { name: 'node' }, spec: {} } as Node);
  const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] };
  await admin.patch(Nodes, { name: 'node' }, { type: 'merge', body: { status } }, { subresource: 'status' });
  const spec = { nodeName: 'node', containers: [{ name: 'main', image: 'web:1' }] };
  await admin.create(Pods, { metadata: { name: 'web', namespace: 'shop' }, spec });
  const cluster = followCluster(transport, { ...sources, signal: stop.signal });
  const choice = { container: 'main', previous: false, follow: true, timestamps: false };
  let text = '';
  for await (const piece of cluster.logs({ name: 'web', namespace: 'shop' }, choice, stop.signal)) {
    text += piece;
    seen.resolve();
  }
  assert.match(text, /^\/containerLogs\/shop\/web\/main\?.*follow=true.*\nschön\n$/);
  stop.abort();
});

test('no table of secrets has their values, nor what was applied', async () => {
  const table = '/api/v1/secrets?asTable=&includeObject=Object';
  const { code, text } = await asks(table);
  assert.deepEqual([code, (JSON.parse(text) as { kind: string }).kind], [200, 'Table']);
  assert.match(text, /"token"/);
  const socket = new RawWebSocket(`ws://${url.host}${table}&watch=true`);
  const line = await new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.terminate();
  assert.match(line, /"token"/);
  for (const answer of [text, line]) assert.doesNotMatch(answer, /hidden|aGlkZGVu/);
});

test('of a secret everything is read but its values, until somebody asks for them', async () => {
  const stop = new AbortController();
  const cluster = followCluster(transport, { ...sources, signal: stop.signal });
  await until(() => cluster.kinds.value.length > 0);
  const secrets = cluster.kinds.value.find(({ id }) => id === 'secrets')!;
  const key = { namespace: 'shop', name: 'token' };
  const live = cluster.object(secrets, key, stop.signal);
  await until(() => live.synced.value);
  const [row] = live.items.value;
  assert.deepEqual([row!.cells.slice(0, 3), row!.extract], [['token', 'Opaque', 1], undefined]);
  assert.deepEqual(((await cluster.reveal(key)) as Secret).data, { a: Buffer.from('hidden').toString('base64') });
  stop.abort();
});

test('a watch that the API server refuses ends with its Status', async () => {
  const watching = transport.watch(
    { verb: 'watch', type: Pods, options: { fieldSelector: 'spec.x=y' } },
    new AbortController().signal,
  );
  await assert.rejects(async () => {
    for await (const event of watching) assert.fail(event.type);
  }, /field label not supported: spec\.x/);
});

test('a cluster that was made anew, with another address, is found through the kubeconfig', async () => {
  const { access } = api;
  const places = [{ ...access, server: 'https://127.0.0.1:1' }, access];
  await using moved = await serveDashboard({
    access: () => Promise.resolve(places.shift() ?? access),
    port: 0,
    files: new Map(),
    clock: systemClock,
  });
  const heard: string[] = [];
  const over = createProxyTransport(new URL(moved.url).origin, (reach) => heard.push(reach));
  await assert.rejects(over.read('/version'), /Cannot reach https:\/\/127\.0\.0\.1:1/);
  await over.read('/version');
  assert.deepEqual(heard, ['server lost', 'reached']);
});

test('it ends, whatever connections are coming just then', async () => {
  const files = new Map([['index.html', { type: 'text/html', content: '<html></html>' }]]);
  const access = () => Promise.resolve(api.access);
  const dashboard = await serveDashboard({ access, port: 0, files, clock: systemClock });
  const watch = `${dashboard.url.replace('http', 'ws')}api/v1/configmaps?watch=1`;
  const ends = Array.from({ length: 20 }, () => {
    const socket = new RawWebSocket(watch);
    socket.on('error', () => {});
    return new Promise((resolve) => socket.once('close', resolve));
  });
  // The first have arrived, and nobody has been asked yet whose they are.
  await new Promise((resolve) => new RawWebSocket(watch).on('error', () => {}).once('upgrade', resolve));
  await dashboard[Symbol.asyncDispose]();
  await Promise.all(ends);
});
