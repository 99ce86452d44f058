import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { describe, it } from 'node:test';
import { createTestCertificates } from '../../../test/kit/certificates.ts';
import { systemClock } from '../../base/system-clock.ts';
import { openRaw } from '../contract/raw-connection.ts';
import type { Handler } from '../exchange.ts';
import type { HttpLimits } from '../limits.ts';
import { listenForHttp } from '../listen.ts';
import { code, flag, frame, preface } from './protocol.ts';
import {
  opening,
  rawBlock,
  rawFrame,
  rawGet,
  rawPost,
  rawReset,
  requestFields,
  uint32,
} from '../contract/raw-frames.ts';

const { authority, server } = await createTestCertificates();
const limits = { headerBytes: 20_000, headers: 20, streams: 50, controlBurst: 200, controlPerSecond: 1 };

const readAll: Handler = async (exchange) => exchange.respond(200, {}, await exchange.readBody(10_000));

async function openServer(handler: Handler, more: Partial<HttpLimits> = limits) {
  const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock };
  const listener = await listenForHttp({ ...options, limits: more }, handler);
  const raw = await openRaw(listener.port, 'h2');
  return {
    port: listener.port,
    raw,
    async [Symbol.asyncDispose]() {
      await raw[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

const { protocolError, frameSizeError, flowControlError, compressionError, enhanceYourCalm } = code;
const { endHeaders, endStream } = flag;
const many = (count: number, make: (at: number) => Buffer): Buffer => Buffer.concat([...Array(count).keys()].map(make));
const openHead = rawFrame(frame.headers, 0, 1, rawBlock(...requestFields('GET', '/')));
const waiting = rawPost(1, '/wait');

/** What ends the whole connection, and with which code. */
const ends: readonly (readonly [what: string, errorCode: number, bytes: Buffer])[] = [
  ['another preface', protocolError, Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')],
  ['a request before settings', protocolError, Buffer.concat([preface, rawGet(1)])],
  ['a frame that is too large', frameSizeError, rawFrame(frame.data, 0, 1, Buffer.alloc(16_385))],
  [
    'headers that cannot be decoded',
    compressionError,
    rawFrame(frame.headers, endHeaders, 1, Buffer.from([0xff, 0xff])),
  ],
  ['a window that grows too large', flowControlError, rawFrame(frame.windowUpdate, 0, 0, uint32(0x7fffffff))],
  ['a push', protocolError, rawFrame(frame.pushPromise, endHeaders, 1, uint32(2))],
  ['settings cut off', frameSizeError, rawFrame(frame.settings, 0, 0, Buffer.alloc(5))],
  ['another frame within a head', protocolError, Buffer.concat([openHead, rawGet(3)])],
  ['data for no request', protocolError, rawFrame(frame.data, 0, 5, 'x')],
  ['a reset of no request', protocolError, rawReset(5)],
  ['a request with an even number', protocolError, rawGet(2)],
  [
    'a head that goes on for ever',
    enhanceYourCalm,
    Buffer.concat([openHead, many(3, () => rawFrame(frame.continuation, 0, 1, Buffer.alloc(10_000)))]),
  ],
  [
    'empty parts of a head for ever',
    enhanceYourCalm,
    Buffer.concat([openHead, many(500, () => rawFrame(frame.continuation, 0, 1))]),
  ],
  ['a flood of settings', enhanceYourCalm, many(500, () => rawFrame(frame.settings, 0, 0))],
  ['a flood of pings', enhanceYourCalm, many(500, () => rawFrame(frame.ping, 0, 0, Buffer.alloc(8)))],
  ['a flood of priorities', enhanceYourCalm, many(500, () => rawFrame(frame.priority, 0, 1, Buffer.alloc(5)))],
  ['a flood of window updates', enhanceYourCalm, many(500, () => rawFrame(frame.windowUpdate, 0, 0, uint32(1)))],
  ['a flood of unknown frames', enhanceYourCalm, many(500, () => rawFrame(99, 0, 0))],
  ['a flood of empty data', enhanceYourCalm, Buffer.concat([waiting, many(500, () => rawFrame(frame.data, 0, 1))])],
  [
    'requests that are taken back at once',
    enhanceYourCalm,
    many(500, (at) => Buffer.concat([rawGet(at * 2 + 1, '/wait'), rawReset(at * 2 + 1)])),
  ],
  [
    'a flood of malformed requests',
    enhanceYourCalm,
    many(500, (at) => rawFrame(frame.headers, endHeaders | endStream, at * 2 + 1, rawBlock([':method', 'GET']))),
  ],
];

/** What ends one request only. */
const resets: readonly (readonly [what: string, ...fields: (readonly [string, string])[]])[] = [
  ['no path', [':method', 'GET'], [':scheme', 'https']],
  ['a path that is none', ...requestFields('GET', 'x')],
  ['a space in the path', ...requestFields('GET', '/a b')],
  ['a method that is none', ...requestFields('G T', '/')],
  ['two methods', ...requestFields('GET', '/'), [':method', 'POST']],
  ['a pseudo header behind others', ['a', 'b'], ...requestFields('GET', '/')],
  ['an unknown pseudo header', ...requestFields('GET', '/'), [':protocol', 'x']],
  ['capital letters', ...requestFields('GET', '/'), ['X-A', 'b']],
  ['an empty name', ...requestFields('GET', '/'), ['', 'b']],
  ['a line break in a value', ...requestFields('GET', '/'), ['a', 'b\r\nc: d']],
  [
    'a line break in the authority',
    [':method', 'GET'],
    [':scheme', 'https'],
    [':path', '/'],
    [':authority', 'x\r\nx-remote-user: admin'],
  ],
  ['headers of one connection', ...requestFields('GET', '/'), ['connection', 'close']],
  ['a transfer encoding', ...requestFields('GET', '/'), ['transfer-encoding', 'chunked']],
  ['two different hosts', ...requestFields('GET', '/'), ['host', 'y']],
  ['two lengths', ...requestFields('POST', '/'), ['content-length', '0'], ['content-length', '0']],
  ['a length of a body that does not come', ...requestFields('POST', '/'), ['content-length', '3']],
];

const wait: Handler = async (exchange) => {
  if (exchange.target === '/wait') await new Promise((resolve) => exchange.signal.addEventListener('abort', resolve));
  else await readAll(exchange);
};

describe('HTTP/2', () => {
  for (const [what, errorCode, bytes] of ends) {
    it(`ends the connection for ${what}`, async () => {
      await using pair = await openServer(wait);
      const isOwnOpening = bytes.subarray(0, 3).toString() === 'PRI';
      pair.raw.send(isOwnOpening ? bytes : Buffer.concat([opening, bytes]));
      const end = await pair.raw.frame(({ type }) => type === frame.goAway);
      assert.equal(end?.payload.readUInt32BE(4), errorCode);
      await pair.raw.closed();
    });
  }

  for (const [what, ...fields] of resets) {
    it(`refuses a request with ${what}, and answers the next one`, async () => {
      await using pair = await openServer(readAll);
      pair.raw.send(opening, rawFrame(frame.headers, endHeaders | endStream, 1, rawBlock(...fields)), rawGet(3));
      const reset = await pair.raw.frame(({ type }) => type === frame.rstStream);
      assert.deepEqual([reset?.stream, reset?.payload.readUInt32BE(0)], [1, protocolError]);
      const answer = await pair.raw.frame(({ type, stream }) => type === frame.headers && stream === 3);
      assert.ok(answer !== undefined);
    });
  }

  it('refuses more data than the window of a request, and of the connection', async () => {
    await using pair = await openServer(wait);
    const data = (id: number, count: number): Buffer =>
      many(count, () => rawFrame(frame.data, 0, id, Buffer.alloc(16_000)));
    pair.raw.send(opening, waiting, data(1, 17));
    const reset = await pair.raw.frame(({ type }) => type === frame.rstStream);
    assert.equal(reset?.payload.readUInt32BE(0), flowControlError);
    for (const id of [3, 5, 7, 9, 11]) pair.raw.send(rawPost(id, '/wait'), data(id, 16));
    const end = await pair.raw.frame(({ type }) => type === frame.goAway);
    assert.equal(end?.payload.readUInt32BE(4), flowControlError);
  });

  it('answers 431 to headers that are too large or too many, and answers the next request', async () => {
    const large = rawBlock(...requestFields('GET', '/'), ['a', 'b'.repeat(9900)], ['c', 'd'.repeat(9900)]);
    const much = rawBlock(...requestFields('GET', '/'), ...Array<[string, string]>(20).fill(['a', 'b']));
    await using pair = await openServer(readAll);
    const head = rawFrame(frame.headers, endStream, 1, large.subarray(0, 15_000));
    pair.raw.send(opening, head, rawFrame(frame.continuation, endHeaders, 1, large.subarray(15_000)));
    pair.raw.send(rawFrame(frame.headers, endHeaders | endStream, 3, much), rawGet(5));
    for (const [id, status] of [
      [1, '431'],
      [3, '431'],
    ] as const) {
      const answer = await pair.raw.frame(({ type, stream }) => type === frame.headers && stream === id);
      assert.ok(answer!.payload.includes(status) || answer!.payload[0]! >= 0x80);
    }
    const fine = await pair.raw.frame(({ type, stream }) => type === frame.headers && stream === 5);
    assert.equal(fine!.payload[0], 0x88);
  });

  it('refuses requests beyond the limit, those counted whose clients have gone', async () => {
    const running: (() => void)[] = [];
    const handler: Handler = () => new Promise((resolve) => running.push(resolve));
    await using pair = await openServer(handler, { ...limits, streams: 4 });
    pair.raw.send(opening, rawGet(1), rawGet(3), rawReset(1), rawReset(3), rawGet(5), rawGet(7), rawGet(9));
    const refused = await pair.raw.frame(({ type }) => type === frame.rstStream);
    assert.deepEqual([refused?.stream, refused?.payload.readUInt32BE(0)], [9, code.refusedStream]);
    assert.equal(running.length, 4);
    for (const end of running) end();
    pair.raw.send(rawGet(11));
    while (running.length < 5) await new Promise((resolve) => pair.raw.socket.write('', resolve));
  });

  it('answers hundreds of requests whose bodies are refused unread, on one connection', async () => {
    await using pair = await openServer((exchange) => exchange.respond(403, {}, Buffer.from('no')), {});
    const session = connect(`https://127.0.0.1:${pair.port}`, { rejectUnauthorized: false });
    const ask = (body: Buffer | undefined): Promise<number> =>
      new Promise((resolve, reject) => {
        const call = session.request({ ':method': body === undefined ? 'GET' : 'POST', ':path': '/' });
        let status = 0;
        call.on('response', (head) => (status = head[':status']!));
        call.on('error', reject).resume();
        call.on('close', () => resolve(status));
        call.end(body);
      });
    const body = Buffer.alloc(60_000);
    for (let round = 0; round < 20; round++) {
      const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(body)));
      assert.deepEqual(new Set(statuses), new Set([403]));
    }
    assert.equal(await ask(undefined), 403);
    session.destroy();
  });
});
