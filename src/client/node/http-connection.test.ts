import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startHttpsApi } from '../../../test/kit/https-api.ts';
import { Namespaces } from '../../api/core/v1/types.ts';
import { systemClock } from '../../base/system-clock.ts';
import { HttpConnection, widen, type HttpAnswer } from './http-connection.ts';

async function textOf({ body }: HttpAnswer): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

test('an answer that has come whole before anybody reads it is read whole', async () => {
  await using api = await startHttpsApi();
  await using connection = new HttpConnection(() => api.access, systemClock);
  const first = await connection.send({ method: 'GET', path: '/version' });
  // Answers on one connection come in order: behind this one, nothing of the first is on its way.
  assert.match(await textOf(await connection.send({ method: 'GET', path: '/api' })), /APIVersions/);
  assert.match(await textOf(first), /"minor": "36"/);
});

test('after a reconnect new requests come from somebody else, and open ones go on', async () => {
  await using api = await startHttpsApi();
  let access = api.access;
  await using connection = new HttpConnection(() => access, systemClock);
  const user = async (): Promise<string> => {
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    const headers = { 'content-type': 'application/json' };
    return JSON.parse(await textOf(await connection.send({ method: 'POST', path, headers, body }))).status.userInfo
      .username;
  };
  assert.equal(await user(), 'admin');
  const watch = await connection.send({ method: 'GET', path: '/api/v1/namespaces?watch=true' });
  const { certificate: cert, key } = await api.identity('jane');
  access = { ...access, cert, key };
  assert.equal(await user(), 'admin');
  connection.reconnect();
  assert.equal(await user(), 'jane');
  await api.client.create(Namespaces, { metadata: { name: 'late' }, spec: {} });
  let seen = '';
  for await (const chunk of watch.body) {
    seen += Buffer.from(chunk).toString();
    if (seen.includes('"late"')) break;
  }
});

test('requests that are more than a server takes on one connection go over others', async () => {
  let sessions = 0;
  const server = createServer({ settings: { maxConcurrentStreams: 2 } }).listen(0, '127.0.0.1');
  server.on('session', () => sessions++).on('stream', (stream) => stream.respond({ ':status': 200 }));
  await once(server, 'listening');
  {
    const access = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    await using connection = new HttpConnection(() => access, systemClock);
    for (let count = 0; count < 5; count++) await connection.send({ method: 'GET', path: '/' });
    assert.equal(sessions, 3);
  }
  server.close();
});

test('a connection that ended before it was told of ends nothing else', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(session, 'connect');
  session.destroy();
  server.close();
  widen(session);
});
