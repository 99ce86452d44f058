import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { describe, it } from 'node:test';
import { nextTurn } from '../../base/turn.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { defaultLimits } from '../limits.ts';
import { createServerContext } from '../server-context.ts';
import { Http1Connection } from './connection.ts';

/** A connection whose client takes what is written when the test lets it. */
class SlowSocket extends Duplex {
  readonly taken: Buffer[] = [];
  #take: (() => void) | undefined;

  getPeerX509Certificate(): undefined {
    return undefined;
  }

  drain(): void {
    this.#take?.();
    this.#take = undefined;
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#take = () => {
      this.taken.push(bytes);
      done();
    };
  }
}

const answer = Buffer.alloc(10_000, 'a');

/** A connection on which the only request has been answered, and which ends behind that. */
async function answered() {
  const clock = new VirtualClock();
  const context = createServerContext(defaultLimits, clock, (exchange) => exchange.respond(200, {}, answer));
  const socket = new SlowSocket();
  const connection = new Http1Connection(socket as unknown as TLSSocket, context);
  const sweepAfter = async (ms: number): Promise<void> => {
    await clock.advance(ms);
    connection.sweep(clock.monotonic());
    await nextTurn();
  };
  socket.push('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await nextTurn();
  return { socket, sweepAfter };
}

describe('an HTTP/1.1 connection that ends behind its answer', () => {
  it('waits for a client that takes the answer slowly', async () => {
    const { socket, sweepAfter } = await answered();
    for (let seconds = 0; seconds < 60; seconds++) await sweepAfter(1000);
    assert.equal(socket.destroyed, false);
    socket.drain();
    await nextTurn();
    assert.ok(Buffer.concat(socket.taken).includes(answer));
    assert.equal(socket.writableEnded, true);
  });

  it('gives up one that takes nothing', async () => {
    const { socket, sweepAfter } = await answered();
    await sweepAfter(defaultLimits.stallMs + 1);
    assert.equal(socket.destroyed, true);
  });

  it('does not wait long for one that has all of it and does not close', async () => {
    const { socket, sweepAfter } = await answered();
    await sweepAfter(500);
    socket.drain();
    await sweepAfter(900);
    assert.equal(socket.destroyed, false);
    await sweepAfter(1000);
    assert.equal(socket.destroyed, true);
  });
});

describe('an HTTP/1.1 connection whose requests have the same head', () => {
  it('answers each, and one with another head in between', async () => {
    const seen: string[] = [];
    const context = createServerContext(defaultLimits, new VirtualClock(), async (exchange) => {
      seen.push(`${exchange.target} ${(await exchange.readBody(10)).toString()}`);
      exchange.respond(200, {});
    });
    const socket = new SlowSocket();
    const connection = new Http1Connection(socket as unknown as TLSSocket, context);
    const put = (target: string, body: string) =>
      socket.push(`PUT ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    for (const [target, body] of [
      ['/a', '1'],
      ['/a', '2'],
      ['/b', '3'],
      ['/a', '4'],
      ['/a', ''],
    ] as const) {
      put(target, body);
      await nextTurn();
      await nextTurn();
    }
    assert.deepEqual(seen, ['/a 1', '/a 2', '/b 3', '/a 4', '/a ']);
    connection.close();
  });

  it('gives each its own headers, of which some may be taken off', async () => {
    const seen: (string | undefined)[] = [];
    const context = createServerContext(defaultLimits, new VirtualClock(), (exchange) => {
      seen.push(exchange.headers.get('x-user'));
      exchange.headers.remove((name) => name === 'x-user');
      exchange.respond(200, {});
    });
    const socket = new SlowSocket();
    const connection = new Http1Connection(socket as unknown as TLSSocket, context);
    for (let requests = 0; requests < 2; requests++) {
      socket.push('GET / HTTP/1.1\r\nHost: x\r\nX-User: ann\r\n\r\n');
      await nextTurn();
      await nextTurn();
    }
    assert.deepEqual(seen, ['ann', 'ann']);
    connection.close();
  });
});
