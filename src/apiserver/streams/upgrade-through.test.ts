import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { IncomingMessage, RequestListener } from 'node:http';
import { answering, prepareServer, startBackend } from '../../../test/kit/proxied.ts';
import { upgradeThrough } from './upgrade-through.ts';

const { authority, serve: serveOnLoopback } = await prepareServer();

type Upgrading = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

async function startProxy(upgrading: Upgrading | undefined, listener: RequestListener = () => {}) {
  await using opened = new AsyncDisposableStack();
  const backend = opened.use(await startBackend(listener));
  if (upgrading !== undefined) backend.server.on('upgrade', upgrading);
  const over = Promise.withResolvers<number>();
  let isOver = false;
  const handler = answering(async (exchange) => {
    const to = { host: backend.host, port: backend.port, path: exchange.target };
    over.resolve(await upgradeThrough(exchange, to));
    isOver = true;
  });
  const proxy = opened.use(await serveOnLoopback(handler));
  const resources = opened.move();
  const { port } = proxy;
  return {
    backend,
    port,
    over: over.promise,
    isOver: () => isOver,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const asked = [
  'GET /x?a=1 HTTP/1.1',
  'Host: pods.example.com',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: a2V5',
  'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.c2VjcmV0, own',
  'Authorization: Bearer secret',
  'Impersonate-User: root',
  '',
  '',
].join('\r\n');

/** All that comes back for `text`, until the connection ends. */
function converse(port: number, text: string, onData?: (socket: TLSSocket, sofar: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority, ALPNProtocols: ['http/1.1'] }, () =>
      socket.write(text),
    );
    let sofar = '';
    socket.on('data', (part) => {
      sofar += part.toString('latin1');
      onData?.(socket, sofar);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(sofar));
  });
}

describe('an upgrade is passed through', () => {
  it('with what belongs to it and no credentials; then bytes go both ways', async () => {
    let seen: IncomingMessage | undefined;
    await using proxy = await startProxy((request, socket, head) => {
      seen = request;
      socket.write('HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Own: 1\r\n\r\nfirst ');
      let sofar = head.toString();
      socket.on('data', (part: Buffer) => {
        sofar += part.toString();
        if (sofar.endsWith('!')) socket.end(`got ${sofar}`);
      });
    });
    let hasSent = false;
    const text = await converse(proxy.port, `${asked}early`, (socket, sofar) => {
      if (hasSent || !sofar.includes('first')) return;
      hasSent = true;
      socket.write(' late!');
    });
    const [head, body] = text.split('\r\n\r\n');
    assert.match(head!, /^HTTP\/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Own: 1$/);
    assert.equal(body, 'first got early late!');
    const { host, ...headers } = seen!.headers;
    assert.deepEqual([seen!.method, seen!.url, host], ['GET', '/x?a=1', `127.0.0.1:${proxy.backend.port}`]);
    assert.deepEqual(headers, {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'a2V5',
      'sec-websocket-protocol': 'own',
      'x-forwarded-for': '127.0.0.1',
    });
  });

  it('and a refusal is passed back; nothing that follows reaches the backend', async () => {
    const paths: string[] = [];
    await using proxy = await startProxy(undefined, (request, response) => {
      paths.push(request.url!);
      response.writeHead(404, { 'content-type': 'text/plain', 'x-own': '1' }).end('no such thing');
    });
    const text = await converse(proxy.port, `${asked}DELETE /everything HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(text, /^HTTP\/1.1 404 Not Found\r\n/);
    assert.match(text, /\r\nx-own: 1\r\n/);
    assert.match(text, /\r\n\r\nno such thing$/);
    assert.deepEqual(paths, ['/x?a=1']);
  });

  it('and an ordinary answer is an error', async () => {
    await using proxy = await startProxy(undefined, (_request, response) => void response.end('hello'));
    const text = await converse(proxy.port, asked);
    assert.match(text, /^HTTP\/1.1 500 [^]*\r\n\r\ninvalid upgrade response: status code 200$/);
  });

  it('and a backend that is not there is told of', async () => {
    await using proxy = await startProxy(undefined);
    const { port } = proxy.backend;
    await proxy.backend[Symbol.asyncDispose]();
    const text = await converse(proxy.port, asked);
    const why = `error dialing backend: dial tcp 127.0.0.1:${port}: connect: connection refused`;
    assert.ok(text.startsWith('HTTP/1.1 500 ') && text.endsWith(`\r\n\r\n${why}`), text);
  });

  for (const who of ['client', 'backend'] as const)
    it(`and the other side hears when the ${who} leaves; the request is over then, and not before`, async () => {
      const gone = Promise.withResolvers<void>();
      await using proxy = await startProxy((_request, socket) => {
        socket.on('end', () => socket.end());
        socket.on('close', () => gone.resolve());
        socket.on('error', () => {});
        socket.write('HTTP/1.1 101 Fine\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
        socket.on('data', () => {});
        if (who === 'backend') socket.destroy();
      });
      const client = connect({ host: '127.0.0.1', port: proxy.port, ca: authority, ALPNProtocols: ['http/1.1'] });
      const closed = new Promise((resolve) => client.on('close', resolve));
      client.on('error', () => {});
      client.write(asked);
      client.on('data', () => {
        if (who === 'backend') return;
        assert.ok(!proxy.isOver());
        client.destroy();
      });
      await Promise.all([gone.promise, closed]);
      assert.equal(await proxy.over, 101);
    });
});
