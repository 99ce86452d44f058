import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTestCertificates } from '../../test/kit/certificates.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { nextTurn } from '../base/turn.ts';
import { openRaw } from './contract/raw-connection.ts';
import { opening, rawGet } from './contract/raw-frames.ts';
import { listenForHttp } from './listen.ts';

const { authority, server } = await createTestCertificates();
const requests = 300;

const ways = [
  ['http/1.1', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests))],
  ['h2', Buffer.concat([opening, ...Array.from({ length: requests }, (_, at) => rawGet(2 * at + 1))])],
] as const;

for (const [protocol, bytes] of ways)
  it(`requests that come at once over ${protocol} leave others their turn, and are all answered`, async () => {
    // Each request takes a millisecond of a time that nothing else moves.
    let ms = 0;
    const clock: Clock = { ...systemClock, monotonic: () => ms, busy: () => ms };
    const inTurn = new Map<number, number>();
    let turn = 0;
    let isOver = false;
    const count = async (): Promise<void> => {
      for (; !isOver; turn++) await nextTurn();
    };
    void count();
    const all = Promise.withResolvers<void>();
    let served = 0;
    const options = { host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock };
    await using listener = await listenForHttp(options, (exchange) => {
      ms++;
      inTurn.set(turn, (inTurn.get(turn) ?? 0) + 1);
      exchange.respond(200, {});
      if (++served === requests) all.resolve();
    });
    await using raw = await openRaw(listener.port, protocol);
    raw.send(bytes);
    await all.promise;
    isOver = true;
    const most = Math.max(...inTurn.values());
    assert.ok(most <= 32, `${most} requests in one turn`);
  });
