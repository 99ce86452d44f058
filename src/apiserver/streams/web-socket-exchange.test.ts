import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, test } from 'node:test';
import { WebSocket } from 'ws';
import type { Exchange } from '../../http/exchange.ts';
import { answering, prepareServer } from '../../../test/kit/proxied.ts';
import {
  binaryWatchMessages,
  isWebSocket,
  logMessages,
  watchMessages,
  WebSocketExchange,
  type MessageForm,
} from './web-socket-exchange.ts';
import { FrameReader, frameHead } from './websocket-frames.ts';

const { authority, serve: serveOnLoopback } = await prepareServer();

async function start(form: MessageForm, serve: (exchange: Exchange) => Promise<void> | void) {
  const handler = answering(async (exchange) => {
    assert.equal(isWebSocket(exchange), true);
    await serve(new WebSocketExchange(exchange, form));
  });
  const listening = await serveOnLoopback(handler);
  return {
    open: (protocols: string[] = [], origin?: string) =>
      new WebSocket(`wss://127.0.0.1:${listening.port}/x`, protocols, { ca: authority, ...(origin && { origin }) }),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

/** The messages of a connection until it ends, texts with a `t` before them, and the code of its end. */
async function messages(socket: WebSocket): Promise<string[]> {
  const found: string[] = [];
  socket.on('message', (data: Buffer, isBinary) => void found.push(`${isBinary ? 'b' : 't'}${data.toString()}`));
  const [code] = (await once(socket, 'close')) as [number];
  return [...found, String(code)];
}

/** The status of the answer that refuses a connection. */
async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => {});
  const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.terminate();
  return answer.statusCode;
}

describe('a log over a WebSocket', () => {
  const serve = (exchange: Exchange) => {
    const stream = exchange.stream(200, { 'content-type': 'text/plain' });
    stream.write(Buffer.from('one\n'), Buffer.from('two'));
    stream.end();
  };
  for (const [protocols, want, agreed] of [
    [[], ['b', 'bone\n', 'btwo', '1000'], ''],
    [['binary.k8s.io'], ['b', 'bone\n', 'btwo', '1000'], 'binary.k8s.io'],
    [['other', 'base64.binary.k8s.io'], ['t', 'tb25lCg==', 'tdHdv', '1000'], 'base64.binary.k8s.io'],
    [
      ['base64url.bearer.authorization.k8s.io.c2VjcmV0', 'binary.k8s.io'],
      ['b', 'bone\n', 'btwo', '1000'],
      'binary.k8s.io',
    ],
  ] as const)
    it(`comes as its bytes or their base64 form, behind an empty message: ${protocols.join(', ') || 'no protocol'}`, async () => {
      await using world = await start(logMessages, serve);
      const socket = world.open([...protocols]);
      assert.deepEqual(await messages(socket), want);
      assert.equal(socket.protocol, agreed);
    });

  it('is refused to who asks for other protocols only', async () => {
    await using world = await start(logMessages, serve);
    assert.equal(await refusal(world.open(['channel.k8s.io'])), 403);
  });

  it('is refused as any request is when the handler refuses', async () => {
    await using world = await start(logMessages, (exchange) => exchange.respond(404, {}, Buffer.from('no')));
    assert.equal(await refusal(world.open()), 404);
  });
});

describe('a watch over a WebSocket', () => {
  it('comes as a text for each event, however the bytes are cut', async () => {
    await using world = await start(watchMessages, (exchange) => {
      const stream = exchange.stream(200, {});
      for (const part of ['{"a":1}\n{"b"', ':2}', '\n', '{"ä":3}\n']) stream.write(Buffer.from(part));
      stream.end();
    });
    const all = await messages(world.open([], 'https://page.example.com'));
    assert.deepEqual(all, ['t{"a":1}\n', 't{"b":2}\n', 't{"ä":3}\n', '1000']);
  });

  it('comes as the bytes of each event where it is in protobuf', async () => {
    await using world = await start(binaryWatchMessages, (exchange) => {
      const stream = exchange.stream(200, {});
      const all = Buffer.from('\0\0\0\x03one\0\0\0\0\0\0\0\x05three');
      for (const end of [2, 5, 9, all.length])
        stream.write(all.subarray([2, 5, 9].filter((at) => at < end).at(-1) ?? 0, end));
      stream.end();
    });
    const all = await messages(world.open([], 'https://page.example.com'));
    assert.deepEqual(all, ['bone', 'b', 'bthree', '1000']);
  });

  it('is refused to who does not say whose page it is', async () => {
    let isOver = false;
    await using world = await start(watchMessages, (exchange) => {
      exchange.stream(200, {}).write(Buffer.from('x\n'));
      isOver = exchange.signal.aborted;
    });
    assert.equal(await refusal(world.open()), 403);
    assert.equal(isOver, true);
  });

  it('ends when the client closes, pings are answered, and what it says means nothing', async () => {
    const over = Promise.withResolvers<void>();
    await using world = await start(watchMessages, (exchange) => {
      const stream = exchange.stream(200, {});
      stream.write(Buffer.from('begun\n'));
      exchange.signal.addEventListener('abort', () => (stream.end(), over.resolve()));
    });
    const socket = world.open([], 'https://page.example.com');
    await once(socket, 'message');
    socket.send('x'.repeat(200_000));
    socket.send(Buffer.alloc(100));
    socket.ping('hello');
    const [answer] = (await once(socket, 'pong')) as [Buffer];
    assert.equal(answer.toString(), 'hello');
    socket.close();
    await Promise.all([over.promise, once(socket, 'close')]);
  });

  it('asks its writer to wait for a client that does not read', async () => {
    let waits = 0;
    await using world = await start(watchMessages, async (exchange) => {
      const stream = exchange.stream(200, {});
      const event = Buffer.from(`${'x'.repeat(99_999)}\n`);
      for (let count = 0; count < 100; count++) {
        if (stream.write(event)) continue;
        waits++;
        await stream.drained();
      }
      stream.end();
    });
    const socket = world.open([], 'https://page.example.com');
    assert.equal((await messages(socket)).length, 101);
    assert.ok(waits > 0);
  });
});

test('frames are read alike however they are cut', () => {
  const mask = Buffer.of(1, 2, 3, 4);
  const masked = (first: number, payload: Buffer): Buffer => {
    const head = Buffer.from(frameHead('text', payload.length));
    head[0] = first;
    head[1]! |= 0x80;
    return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index & 3]!)]);
  };
  const all = Buffer.concat([
    masked(0x82, Buffer.alloc(70_000)),
    masked(0x89, Buffer.from('ping one')),
    masked(0x01, Buffer.alloc(300)),
    masked(0x8a, Buffer.from('pong')),
    masked(0x80, Buffer.alloc(3)),
    masked(0x89, Buffer.from('ping two')),
    masked(0x88, Buffer.alloc(0)),
    masked(0x89, Buffer.from('too late')),
  ]);
  for (const size of [1, 7, 1000, all.length]) {
    const seen: string[] = [];
    const reader = new FrameReader({
      ping: (payload) => seen.push(payload.toString()),
      close: () => seen.push('close'),
    });
    for (let at = 0; at < all.length; at += size) reader.take(all.subarray(at, at + size));
    assert.deepEqual(seen, ['ping one', 'ping two', 'close'], `in pieces of ${size}`);
  }
});

for (const [what, bytes] of [
  ['a frame without a mask', Buffer.of(0x81, 1, 0)],
  ['a control frame that is too long', Buffer.of(0x89, 0x80 | 126, 1, 0)],
] as const)
  test(`${what} ends the connection`, () => {
    let isClosed = false;
    new FrameReader({ ping: () => assert.fail(), close: () => (isClosed = true) }).take(bytes);
    assert.equal(isClosed, true);
  });
