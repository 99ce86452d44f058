import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlainly } from 'node:net';
import { describe, it } from 'node:test';
import { createTestCertificates } from '../../test/kit/certificates.ts';
import { nextTurn } from '../base/turn.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { openRaw, type RawConnection } from './contract/raw-connection.ts';
import { BodyBudgetError, BodyTimeoutError, type Exchange, type Handler, type ResponseStream } from './exchange.ts';
import { code, flag, frame, preface } from './http2/protocol.ts';
import { opening, rawFrame, rawGet, rawPost, uint32 } from './contract/raw-frames.ts';
import type { HttpLimits } from './limits.ts';
import { listenForHttp } from './listen.ts';

const { authority, server } = await createTestCertificates();
const kibibyte = 1024;

interface Opened extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly port: number;
  connect(protocol: 'http/1.1' | 'h2'): Promise<RawConnection>;
}

async function open(handler: Handler, limits: Partial<HttpLimits> = {}): Promise<Opened> {
  await using opened = new AsyncDisposableStack();
  const clock = new VirtualClock();
  const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock, limits };
  const { port } = opened.use(await listenForHttp(options, handler));
  const stack = opened.move();
  return {
    clock,
    port,
    connect: async (protocol) => stack.use(await openRaw(port, protocol)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const ok: Handler = (exchange) => exchange.respond(200, {});
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const isGoAway = ({ type }: { readonly type: number }): boolean => type === frame.goAway;

/** Lets each client send nothing: settings with a window of no bytes. */
const openingWithoutWindow = Buffer.concat([
  preface,
  rawFrame(frame.settings, 0, 0, Buffer.from('000400000000', 'hex')),
]);

async function connections<N extends number>(
  opened: Opened,
  protocol: 'http/1.1' | 'h2',
  count: N,
): Promise<N extends 3 ? [RawConnection, RawConnection, RawConnection] : [RawConnection, RawConnection]> {
  return (await Promise.all(Array.from({ length: count }, () => opened.connect(protocol)))) as never;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

describe('bounds in time', () => {
  it('a connection that does not agree on TLS is closed', async () => {
    await using opened = await open(ok, { handshakeMs: 50 });
    const silent = connectPlainly({ host: '127.0.0.1', port: opened.port });
    silent.on('error', () => {});
    await once(silent, 'close');
  });

  for (const protocol of ['http/1.1', 'h2'] as const) {
    it(`a connection over ${protocol} without a first request is closed`, async () => {
      await using opened = await open(ok, { headMs: 5000 });
      const raw = await opened.connect(protocol);
      await opened.clock.advance(4000);
      assert.equal(raw.socket.closed, false);
      await opened.clock.advance(10_000);
      await raw.closed();
    });

    it(`a connection over ${protocol} that is idle is closed, one that is in use is not`, async () => {
      const streams: ResponseStream[] = [];
      const handler: Handler = (exchange) =>
        exchange.target === '/' ? exchange.respond(200, {}) : void streams.push(exchange.stream(200, {}));
      await using opened = await open(handler, { idleMs: 60_000 });
      const [idle, used] = [await opened.connect(protocol), await opened.connect(protocol)];
      if (protocol === 'h2') {
        idle.send(opening, rawGet(1));
        used.send(opening, rawGet(1, '/stream'));
        await idle.frame(({ type }) => type === frame.headers);
      } else {
        idle.send(get);
        used.send(get.replace('/', '/stream'));
        await once(idle.socket, 'data');
      }
      await until(() => streams.length === 1);
      await opened.clock.advance(70_000);
      await idle.closed();
      assert.equal(used.socket.closed, false);
      streams[0]!.end();
      await opened.clock.advance(70_000);
      await used.closed();
    });
  }

  it('a head that does not end is answered 408 over HTTP/1.1, and ends an HTTP/2 connection', async () => {
    await using opened = await open(ok, { headMs: 5000 });
    const [old, young] = [await opened.connect('http/1.1'), await opened.connect('h2')];
    old.send('GET / HTTP/1.1\r\nHo');
    young.send(opening, rawFrame(frame.headers, 0, 1, 'x'));
    await young.frame(({ type, flags }) => type === frame.settings && flags === flag.ack);
    await until(() => old.socket.bytesWritten > 0);
    await opened.clock.advance(7000);
    assert.equal((await young.frame(isGoAway))?.payload.readUInt32BE(4), code.enhanceYourCalm);
    assert.match(await old.closed(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it('a body that comes too slowly is given up, one that comes fast enough is not', async () => {
    const ends: string[] = [];
    const exchanges: Exchange[] = [];
    const handler: Handler = async (exchange) => {
      exchanges.push(exchange);
      const error = await exchange.readBody(10_000).catch((problem: unknown) => problem);
      ends.push(`${exchange.target} ${error instanceof BodyTimeoutError ? 'slow' : 'fine'}`);
      exchange.respond(408, {});
    };
    await using opened = await open(handler, { bodyGraceMs: 10_000, bodyBytesPerSecond: 100 });
    const raw = await opened.connect('h2');
    raw.send(opening, rawPost(1, '/slow'), rawPost(3, '/fast'));
    await until(() => exchanges.length === 2);
    raw.send(rawFrame(frame.data, 0, 1, Buffer.alloc(100)), rawFrame(frame.data, 0, 3, Buffer.alloc(2000)));
    await raw.frame(({ type, flags }) => type === frame.settings && flags === flag.ack);
    raw.send(rawFrame(frame.ping, 0, 0, Buffer.alloc(8)));
    await raw.frame(({ type }) => type === frame.ping);
    await opened.clock.advance(20_000);
    assert.deepEqual(ends, ['/slow slow']);
    raw.send(rawFrame(frame.data, flag.endStream, 3, 'x'));
    await until(() => ends.length === 2);
    assert.deepEqual(ends, ['/slow slow', '/fast fine']);
  });

  const behind: Record<string, string> = {
    'a body that nobody reads': get.replace('Host', 'Content-Length: 3000000\r\nHost') + 'x'.repeat(300_000),
    'requests that wait': get + get.repeat(5000),
  };
  for (const [what, text] of Object.entries(behind))
    it(`a client that has gone is noticed behind ${what}`, async () => {
      const exchanges: Exchange[] = [];
      const handler: Handler = (exchange) => {
        exchanges.push(exchange);
        exchange.stream(200, {});
      };
      await using opened = await open(handler, { bodyGraceMs: 15_000 });
      const raw = await opened.connect('http/1.1');
      raw.send(text);
      await until(() => exchanges.length === 1);
      const { signal } = exchanges[0]!;
      for (let turn = 0; turn < 50; turn++) await nextTurn();
      raw.socket.destroy();
      await raw.closed();
      await opened.clock.advance(20_000);
      await until(() => signal.aborted);
    });

  it('a connection that takes nothing while something waits is closed', async () => {
    const exchanges: Exchange[] = [];
    await using opened = await open(
      (exchange) => {
        exchanges.push(exchange);
        exchange.respond(200, {}, Buffer.alloc(50_000 * kibibyte));
      },
      { stallMs: 30_000 },
    );
    const raw = await opened.connect('http/1.1');
    raw.send(get);
    raw.socket.pause();
    await until(() => exchanges.length === 1);
    const { signal } = exchanges[0]!;
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    await opened.clock.advance(20_000);
    assert.equal(signal.aborted, false);
    await opened.clock.advance(20_000);
    await until(() => signal.aborted);
  });
});

describe('bounds in bytes', () => {
  it('bodies that are read hold no more together than their budget', async () => {
    const ends: unknown[] = [];
    const handler: Handler = async (exchange) => {
      ends.push(await exchange.readBody(100 * kibibyte).catch((error: unknown) => error));
      exchange.respond(200, {});
    };
    await using opened = await open(handler, { bodyBytes: 20 * kibibyte });
    const raw = await opened.connect('h2');
    const part = Buffer.alloc(12 * kibibyte);
    raw.send(opening, rawPost(1), rawFrame(frame.data, 0, 1, part), rawPost(3), rawFrame(frame.data, 0, 3, part));
    await until(() => ends.length === 1);
    assert.ok(ends[0] instanceof BodyBudgetError);
    raw.send(rawFrame(frame.data, flag.endStream, 1, 'x'));
    await until(() => ends.length === 2);
    assert.equal((ends[1] as Buffer).length, part.length + 1);
    raw.send(rawPost(5), rawFrame(frame.data, 0, 5, part), rawFrame(frame.data, flag.endStream, 5, 'x'));
    await until(() => ends.length === 3);
    assert.equal((ends[2] as Buffer).length, part.length + 1);
  });

  it('heads that are coming hold no more together than their budget, over HTTP/1.1', async () => {
    await using opened = await open(ok, { headBytes: 20 * kibibyte, freeHeadBytes: 100 });
    const [first, second, short] = await connections(opened, 'http/1.1', 3);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(12 * kibibyte)}`;
    first.send(long);
    await settled();
    second.send(long);
    assert.match(await second.closed(), /^HTTP\/1\.1 503 /);
    short.send(get);
    assert.match((await once(short.socket, 'data')).toString(), /^HTTP\/1\.1 200 /);
    first.send('\r\n\r\n');
    assert.match((await once(first.socket, 'data')).toString(), /^HTTP\/1\.1 200 /);
    const [third] = await connections(opened, 'http/1.1', 1);
    third.send(long, '\r\n\r\n');
    assert.match((await once(third.socket, 'data')).toString(), /^HTTP\/1\.1 200 /);
  });

  it('the head of a request counts for as long as the request is under way', async () => {
    const signals: AbortSignal[] = [];
    const handler: Handler = (exchange) => {
      exchange.stream(200, {});
      signals.push(exchange.signal);
    };
    await using opened = await open(handler, { headBytes: 20 * kibibyte, freeHeadBytes: 100 });
    const [first, second] = await connections(opened, 'http/1.1', 2);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(12 * kibibyte)}\r\n\r\n`;
    first.send(long);
    await until(() => signals.length === 1);
    second.send(long);
    assert.match(await second.closed(), /^HTTP\/1\.1 503 /);
    first.socket.destroy();
    await until(() => signals[0]!.aborted);
    const [third] = await connections(opened, 'http/1.1', 1);
    third.send(long);
    await until(() => signals.length === 2);
  });

  it('over HTTP/2 a request whose head finds no room is refused, one that has not come whole ends its connection', async () => {
    const streams: ResponseStream[] = [];
    const handler: Handler = (exchange) => void streams.push(exchange.stream(200, {}));
    await using opened = await open(handler, { headBytes: 20 * kibibyte, freeHeadBytes: 100 });
    const [first, second] = await connections(opened, 'h2', 2);
    const long = `/${'x'.repeat(12 * kibibyte)}`;
    first.send(opening, rawGet(1, long), rawGet(3, long));
    const reset = await first.frame(({ type }) => type === frame.rstStream);
    assert.deepEqual([reset?.stream, reset?.payload.readUInt32BE(0), streams.length], [3, code.refusedStream, 1]);
    second.send(opening, rawFrame(frame.headers, 0, 1, 'x'.repeat(12 * kibibyte)));
    assert.equal((await second.frame(isGoAway))?.payload.readUInt32BE(4), code.enhanceYourCalm);
    streams[0]!.end();
    await until(() => first.socket.bytesWritten > 0);
    first.send(rawGet(5, long));
    await until(() => streams.length === 2);
  });

  it('a body that nobody reads makes room for those that are read', async () => {
    const streams: ResponseStream[] = [];
    const bodies: unknown[] = [];
    const handler: Handler = async (exchange) => {
      if (exchange.method === 'GET') return void streams.push(exchange.stream(200, {}));
      bodies.push(await exchange.readBody(100 * kibibyte).catch((error: unknown) => error));
      exchange.respond(200, {});
    };
    await using opened = await open(handler, { bodyBytes: 20 * kibibyte });
    const [watcher, writer] = [await opened.connect('http/1.1'), await opened.connect('http/1.1')];
    watcher.send(get.replace('Host', `Content-Length: ${15 * kibibyte}\r\nHost`), Buffer.alloc(15 * kibibyte));
    await until(() => streams.length === 1);
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    await opened.clock.advance(2000);
    const part = Buffer.alloc(12 * kibibyte);
    writer.send(get.replace('GET', 'POST').replace('Host', `Content-Length: ${part.length}\r\nHost`), part);
    await until(() => bodies.length === 1);
    assert.deepEqual(bodies[0], part);
    // The answer to the other request goes on.
    watcher.socket.once('data', () => bodies.push('an event'));
    streams[0]!.write(Buffer.from('event'));
    await until(() => bodies.length === 2);
  });

  it('of answers that nobody reads, those go first that wait longest and hold most', async () => {
    const exchanges = new Map<string, Exchange>();
    const handler: Handler = (exchange) => {
      exchanges.set(exchange.target, exchange);
      exchange.respond(200, {}, Buffer.alloc(Number(exchange.target.slice(2)) * kibibyte));
    };
    await using opened = await open(handler, { writeBytes: 1000 * kibibyte });
    const one = await opened.connect('h2');
    one.send(openingWithoutWindow, rawGet(1, '/a100'), rawGet(3, '/b700'));
    await until(() => exchanges.size === 2);
    await opened.clock.advance(2000);
    // The third is new, and not too much for its client alone.
    one.send(rawGet(5, '/c600'));
    const reset = await one.frame(({ type }) => type === frame.rstStream);
    assert.deepEqual([reset?.stream, reset?.payload.readUInt32BE(0)], [3, code.enhanceYourCalm]);
    assert.deepEqual(
      [...exchanges.values()].map(({ signal }) => signal.aborted),
      [false, true, false],
    );
  });

  it('an answer that its client reads may take up to twice the budget', async () => {
    const size = 5000 * kibibyte;
    await using opened = await open((exchange) => exchange.respond(200, {}, Buffer.alloc(size)), {
      writeBytes: 1000 * kibibyte,
      connectionBytes: 500 * kibibyte,
    });
    const raw = await opened.connect('http/1.1');
    raw.send(get.replace('Host', 'Connection: close\r\nHost'));
    // Beyond twice the budget nobody is spared, so it has to be below that.
    assert.ok((await raw.closed()).length < size);
    await using larger = await open((exchange) => exchange.respond(200, {}, Buffer.alloc(size)), {
      writeBytes: 3000 * kibibyte,
      connectionBytes: 500 * kibibyte,
    });
    const reader = await larger.connect('http/1.1');
    reader.send(get.replace('Host', 'Connection: close\r\nHost'));
    assert.ok((await reader.closed()).length > size);
  });

  it('on one connection, answers that nobody reads hold no more than its share', async () => {
    const exchanges: Exchange[] = [];
    const handler: Handler = (exchange) => {
      exchanges.push(exchange);
      exchange.respond(200, {}, Buffer.alloc(100 * kibibyte));
    };
    await using opened = await open(handler, { connectionBytes: 250 * kibibyte });
    const raw = await opened.connect('h2');
    raw.send(openingWithoutWindow, rawGet(1), rawGet(3));
    await until(() => exchanges.length === 2);
    await opened.clock.advance(2000);
    raw.send(rawGet(5));
    const reset = await raw.frame(({ type }) => type === frame.rstStream);
    assert.deepEqual([reset?.stream, exchanges.length], [1, 3]);
    // With a window, the others come through.
    raw.send(rawFrame(frame.windowUpdate, 0, 0, uint32(1 << 20)));
    for (const id of [3, 5]) raw.send(rawFrame(frame.windowUpdate, 0, id, uint32(1 << 20)));
    for (const id of [3, 5]) {
      const isEnd = ({ type, stream, flags }: { type: number; stream: number; flags: number }): boolean =>
        type === frame.data && stream === id && (flags & flag.endStream) !== 0;
      assert.ok((await raw.frame(isEnd)) !== undefined);
    }
  });
});

describe('bounds in numbers', () => {
  it('connections beyond the limit are closed at once, and others may come when one has gone', async () => {
    await using opened = await open(ok, { connections: 2 });
    const [first] = [await opened.connect('h2'), await opened.connect('h2')];
    await assert.rejects(opened.connect('h2'));
    first!.socket.destroy();
    await first!.closed();
    await until(() => first!.socket.closed);
    for (let tries = 0; ; tries++) {
      try {
        await opened.connect('h2');
        return;
      } catch (error) {
        if (tries === 100) throw error;
      }
    }
  });
});

describe('the events of a turn', () => {
  it('leave in one write, on however many streams', async () => {
    const streams: ResponseStream[] = [];
    await using opened = await open((exchange) => void streams.push(exchange.stream(200, {})));
    const raw = await opened.connect('h2');
    raw.send(opening, ...Array.from({ length: 50 }, (_, at) => rawGet(at * 2 + 1)));
    await until(() => streams.length === 50);
    raw.send(rawFrame(frame.ping, 0, 0, Buffer.alloc(8)));
    await raw.frame(({ type }) => type === frame.ping);
    const chunks: number[] = [];
    raw.socket.on('data', (part: Buffer) => chunks.push(part.length));
    const event = Buffer.alloc(200);
    for (const stream of streams) assert.equal(stream.write(event), true);
    const wanted = streams.length * (event.length + 9);
    await until(() => chunks.reduce((sum, size) => sum + size, 0) === wanted);
    // 10 kB are one record of TLS, if they are written at once.
    assert.equal(chunks.length, 1);
  });
});
