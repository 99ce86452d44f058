import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as send } from 'node:https';
import { describe, it, test } from 'node:test';
import { buffer, text } from 'node:stream/consumers';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import type { IncomingMessage, RequestListener } from 'node:http';
import { openClient, protocols } from '../../http/contract/clients.ts';
import { nextTurn } from '../../base/turn.ts';
import { passThrough } from './pass-through.ts';
import { answering, prepareServer, startBackend } from '../../../test/kit/proxied.ts';

const { authority, serve: serveOnLoopback } = await prepareServer();
const prefix = '/api/v1/namespaces/a/pods/b/proxy';

/** A server that proxies everything to a backend: with `rewrites` as it does for pods, without as for kubelets. */
async function startProxy(listener: RequestListener, rewrites = true) {
  await using opened = new AsyncDisposableStack();
  const backend = opened.use(await startBackend(listener));
  const handler = answering((exchange) =>
    passThrough(
      { exchange, stream: (status, headers) => exchange.stream(status, headers) },
      { host: backend.host, port: backend.port, path: exchange.target },
      rewrites ? { prefix } : {},
    ),
  );
  const proxy = opened.use(await serveOnLoopback(handler));
  const resources = opened.move();
  return { backend, place: { port: proxy.port, ca: authority }, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** An answer with its bytes as they came. */
async function ask(port: number, path: string, method = 'GET'): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  const call = send({ host: '127.0.0.1', port, ca: authority, path, method, agent: false }).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return { answer, bytes: await buffer(answer) };
}

for (const protocol of protocols)
  describe(`a request is passed through over ${protocol}`, () => {
    it('with its method, path, headers and body, and without what is for the server only', async () => {
      await using proxy = await startProxy((request, response) => {
        void text(request).then((body) => {
          const { method, url, headers } = request;
          response.writeHead(207, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'], keepalive: 'x' });
          response.end(JSON.stringify({ method, url, headers, body }));
        });
      });
      await using client = openClient(protocol, proxy.place);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
        const reply = await client.ask({
          method,
          path: '/x%2Fy/?a=1&b=%20',
          headers: {
            'x-own': ['1', '2'],
            accept: 'text/plain',
            cookie: 'c=d',
            authorization: 'Bearer secret',
            'impersonate-user': 'root',
            'impersonate-extra-x': 'y',
            'x-remote-user': 'root',
            'x-forwarded-for': '192.0.2.9',
            'x-forwarded-uri': '/forged',
            ...(protocol === 'HTTP/1.1' && { connection: 'x-hop', 'x-hop': '1' }),
          },
          ...(hasBody && { body: [Buffer.from('one'), Buffer.from('two')] }),
        });
        const seen = JSON.parse(reply.text) as { method: string; url: string; body: string; headers: object };
        assert.equal(reply.status, 207);
        assert.deepEqual(reply.headers['set-cookie'], ['a=1', 'b=2']);
        assert.deepEqual([seen.method, seen.url, seen.body], [method, '/x%2Fy/?a=1&b=%20', hasBody ? 'onetwo' : '']);
        const { host, connection, 'transfer-encoding': chunked, ...headers } = seen.headers as Record<string, string>;
        assert.deepEqual(headers, {
          accept: 'text/plain',
          cookie: 'c=d',
          'x-own': '1, 2',
          'x-forwarded-for': '192.0.2.9, 127.0.0.1',
          'x-forwarded-uri': `${prefix}/x%2Fy/`,
        });
        assert.equal(host, `127.0.0.1:${proxy.place.port}`);
        assert.equal(chunked, hasBody ? 'chunked' : undefined);
      }
    });

    it('and the page that comes back leads through the server, as do redirections', async () => {
      await using proxy = await startProxy(({ url }, response) => {
        if (url === '/go') return void response.writeHead(302, { location: '/hostname?x' }).end('<a href="/x">');
        response.writeHead(200, {
          'content-type': url === '/page' ? 'text/html; charset=utf-8' : 'text/plain',
          'content-length': '13',
          'access-control-allow-origin': '*',
        });
        response.end('<a href="/x">');
      });
      await using client = openClient(protocol, proxy.place);
      const page = await client.ask({ path: '/page' });
      assert.deepEqual([page.text, page.headers['content-length']], [`<a href="${prefix}/x">`, undefined]);
      assert.equal(page.headers['access-control-allow-origin'], undefined);
      const plain = await client.ask({ path: '/plain' });
      assert.deepEqual([plain.text, plain.headers['content-length']], ['<a href="/x">', '13']);
      const moved = await client.ask({ path: '/go' });
      assert.deepEqual(
        [moved.status, moved.headers['location'], moved.text],
        [302, `${prefix}/hostname?x`, '<a href="/x">'],
      );
      const head = await client.ask({ path: '/plain', method: 'HEAD' });
      assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, '13', '']);
      assert.equal((await client.ask({ path: '/page', method: 'HEAD' })).headers['content-length'], undefined);
    });

    for (const [what, path] of [
      ['has been sent whole', '/silent'],
      ['is being answered', '/endless'],
    ] as const)
      it(`and is given up when the client leaves after it ${what}`, async () => {
        const gone = Promise.withResolvers<void>();
        await using proxy = await startProxy((request, response) => {
          response.on('close', () => gone.resolve());
          request.resume().on('end', () => {
            asked.resolve();
            if (request.url !== '/endless') return;
            response.writeHead(200, { 'content-type': 'text/html' });
            const more = (): void =>
              void (response.write('<p>more</p>'), nextTurn().then(() => response.closed || more()));
            more();
          });
        });
        const asked = Promise.withResolvers<void>();
        const client = openClient(protocol, proxy.place);
        const reply = client.ask({ path, method: 'POST', body: 'x', leaveAfter: 20 }).catch(() => {});
        await asked.promise;
        if (path === '/silent') await client[Symbol.asyncDispose]();
        await gone.promise;
        await reply;
        if (path !== '/silent') await client[Symbol.asyncDispose]();
      });

    it('and is refused when nobody answers', async () => {
      await using proxy = await startProxy(() => {});
      const { port } = proxy.backend;
      await proxy.backend[Symbol.asyncDispose]();
      await using client = openClient(protocol, proxy.place);
      const { status, text: said } = await client.ask({ path: '/' });
      const why = `error trying to reach service: dial tcp 127.0.0.1:${port}: connect: connection refused`;
      assert.deepEqual([status, said], [503, why]);
    });

    it('and ends broken off when its backend breaks off', async () => {
      await using proxy = await startProxy((_request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('some');
        void nextTurn().then(() => response.destroy());
      });
      await using client = openClient(protocol, proxy.place);
      assert.equal((await client.ask({ path: '/' })).complete, false);
    });
  });

const page = '<a href="/x">'.repeat(10_000);
const wanted = `<a href="${prefix}/x">`.repeat(10_000);
const same = (bytes: Buffer): Buffer => bytes;
for (const [encoding, how, encode, decode, want] of [
  ['gzip', 'gzip', gzipSync, gunzipSync, wanted],
  ['deflate', 'zlib’s deflate', deflateSync, inflateSync, wanted],
  ['deflate', 'bare deflate', deflateRawSync, inflateRawSync, wanted],
  ['identity', 'nothing', same, same, wanted],
  ['br', 'something else', brotliCompressSync, same, undefined],
] as const)
  test(`a page that is encoded by ${how} comes so, ${want === undefined ? 'as it is' : 'with its URLs changed'}`, async () => {
    const sent = encode(Buffer.from(page));
    await using proxy = await startProxy((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': encoding });
      response.end(sent);
    });
    const { answer, bytes } = await ask(proxy.place.port, '/');
    assert.equal(answer.headers['content-encoding'], encoding);
    if (want === undefined) assert.deepEqual(bytes, sent);
    else assert.equal(decode(bytes).toString(), want);
    const head = await ask(proxy.place.port, '/', 'HEAD');
    assert.deepEqual([head.answer.statusCode, head.bytes.length], [200, 0]);
  });

test('a page that does not decode is broken off, and an empty one is empty', async () => {
  await using proxy = await startProxy(({ url }, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
    response.end(url === '/bad' ? 'this is not gzip' : '');
  });
  await assert.rejects(ask(proxy.place.port, '/bad'));
  const { answer, bytes } = await ask(proxy.place.port, '/empty');
  assert.equal(answer.statusCode, 200);
  assert.equal(bytes.length, 0);
});

test('what a kubelet answers stays as it is', async () => {
  await using proxy = await startProxy(({ headers }, response) => {
    response.writeHead(200, { 'content-type': 'text/html', location: '/x' });
    response.end(`<a href="/x">${String(headers['x-forwarded-uri'])}`);
  }, false);
  const { bytes, answer } = await ask(proxy.place.port, '/');
  assert.deepEqual([bytes.toString(), answer.headers.location], ['<a href="/x">undefined', '/x']);
});

test('a backend that answers before it has read all is heard, and the rest is not waited for', async () => {
  await using proxy = await startProxy((_request, response) => void response.writeHead(413).end('too large'));
  const agent = new Agent({ keepAlive: false });
  const call = send({ host: '127.0.0.1', port: proxy.place.port, ca: authority, path: '/', method: 'POST', agent });
  call.on('error', () => {});
  call.write('a beginning');
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  assert.deepEqual([answer.statusCode, await text(answer)], [413, 'too large']);
  call.destroy();
});
