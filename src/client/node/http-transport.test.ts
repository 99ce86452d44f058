import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Session, type ServerHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { WatchEvent } from '../../apimachinery/request.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { systemClock } from '../../base/system-clock.ts';
import { createClient } from '../typed-client.ts';
import { ConnectionError } from '../connection-error.ts';
import { createHttpTransport } from './http-transport.ts';

const ConfigMaps: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  namespaced: true,
  definition: 'io.k8s.api.core.v1.ConfigMap',
};

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: string) => void;

/** An HTTP/2 server on a free port, gone with all its connections at the end of the test. */
async function serve(handler: Handler) {
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    let body = '';
    for await (const chunk of stream) body += chunk;
    handler(stream, headers, body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = createHttpTransport(
    { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret' },
    { clock: systemClock, userAgent: 'test/1' },
  );
  return {
    transport,
    client: createClient(transport),
    breakConnections: () => sessions.forEach((session) => session.destroy()),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      sessions.forEach((session) => session.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(stream: ServerHttp2Stream, status: number, body: unknown, headers: Record<string, string> = {}): void {
  stream.respond({ ':status': status, 'content-type': 'application/json', ...headers });
  stream.end(JSON.stringify(body));
}

test('a request carries its method, path, token and body; the answer is frozen', async () => {
  await using server = await serve((stream, headers, body) => {
    const { ':method': method, ':path': path, authorization } = headers;
    answer(stream, 200, { metadata: { name: 'a', annotations: { method, path, authorization, body } } });
  });
  const object = { metadata: { name: 'a', namespace: 'default' } };
  const written = await server.client.update(ConfigMaps, object, { dryRun: true, subresource: 'status' });
  assert.deepEqual(written.metadata.annotations, {
    method: 'PUT',
    path: '/api/v1/namespaces/default/configmaps/a/status?dryRun=All',
    authorization: 'Bearer secret',
    body: JSON.stringify(object),
  });
  assert.ok(Object.isFrozen(written.metadata.annotations));
});

test('a refusal is the Status that the server sent; other text becomes its message', async () => {
  await using server = await serve((stream, headers) => {
    if (headers[':path']!.endsWith('/a'))
      answer(stream, 404, { kind: 'Status', reason: 'NotFound', code: 404, message: 'no a' });
    else answer(stream, 502, 'bad gateway');
  });
  await assert.rejects(server.client.get(ConfigMaps, { namespace: 'x', name: 'a' }), (error) =>
    isStatus(error, 'NotFound'),
  );
  await assert.rejects(server.client.get(ConfigMaps, { namespace: 'x', name: 'b' }), {
    code: 502,
    message: '"bad gateway"',
  });
});

test('a call that the server puts off is sent again', async () => {
  let calls = 0;
  await using server = await serve((stream) => {
    if (++calls === 1) answer(stream, 429, { kind: 'Status', code: 429 }, { 'retry-after': '0.001' });
    else answer(stream, 200, { metadata: { name: 'a' } });
  });
  await server.client.create(ConfigMaps, { metadata: { name: 'a', namespace: 'default' } });
  assert.equal(calls, 2);
});

test('a watch yields events, ends with the server, and an ERROR event is thrown', async () => {
  let calls = 0;
  await using server = await serve((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"MODI');
    stream.write('FIED","object":{"metadata":{"name":"a"}}}\n');
    if (++calls === 2) stream.write('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
    stream.end();
  });
  const types: string[] = [];
  const options = { resourceVersion: '1', signal: new AbortController().signal };
  for await (const event of server.client.watch(ConfigMaps, options)) types.push(event.type);
  assert.deepEqual(types, ['ADDED', 'MODIFIED']);
  await assert.rejects(drain(server.client.watch(ConfigMaps, options)), (error) => isStatus(error, 'Expired'));
});

test('an aborted watch ends without an error, and the server sees it go', async () => {
  const gone = Promise.withResolvers<void>();
  await using server = await serve((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
    stream.once('close', () => gone.resolve());
  });
  const stop = new AbortController();
  for await (const event of server.client.watch(ConfigMaps, { resourceVersion: '1', signal: stop.signal })) {
    assert.equal(event.type, 'ADDED');
    stop.abort();
  }
  await gone.promise;
});

test('a broken connection fails the watch on it; the next call makes a new one', async () => {
  await using server = await serve((stream, headers) => {
    if (!headers[':path']!.includes('watch=true')) return answer(stream, 200, { metadata: { name: 'a' } });
    stream.respond({ ':status': 200 });
    stream.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
    server.breakConnections();
  });
  const options = { resourceVersion: '1', signal: new AbortController().signal };
  await assert.rejects(drain(server.client.watch(ConfigMaps, options)), ConnectionError);
  assert.equal((await server.client.get(ConfigMaps, { namespace: 'x', name: 'a' })).metadata.name, 'a');
});

test('a server that is not there is a ConnectionError that names it', async () => {
  await using transport = createHttpTransport(
    { server: 'http://127.0.0.1:1' },
    { clock: systemClock, userAgent: 'test/1' },
  );
  await assert.rejects(transport.text('/readyz'), /Cannot reach http:\/\/127.0.0.1:1: connect ECONNREFUSED/);
});

async function drain(events: AsyncIterable<WatchEvent>): Promise<void> {
  for await (const event of events) assert.notEqual(event.type, 'ERROR');
}
