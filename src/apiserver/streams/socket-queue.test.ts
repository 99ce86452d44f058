import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { nextTurn } from '../../base/turn.ts';
import { SocketQueue } from './socket-queue.ts';

/** A socket whose client takes what was written only when it is told to. */
function slowSocket() {
  const taken: Buffer[] = [];
  let take: (() => void) | undefined;
  const hold = (chunks: readonly Buffer[], done: () => void) => {
    taken.push(...chunks);
    take = done;
  };
  const socket = new Duplex({
    read() {},
    write: (chunk: Buffer, _encoding, done) => hold([chunk], done),
    writev: (chunks, done) =>
      hold(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      ),
  });
  return {
    socket,
    text: () => Buffer.concat(taken).toString(),
    size: () => Buffer.concat(taken).length,
    async takes() {
      const done = take;
      take = undefined;
      done?.();
      for (let turns = 0; turns < 5; turns++) await nextTurn();
    },
  };
}

test('a client that takes nothing has no more than one batch in its socket', async () => {
  const client = slowSocket();
  const queue = new SocketQueue(client.socket);
  const part = Buffer.alloc(1_000_000);
  for (let count = 0; count < 5; count++) queue.push(part);
  await client.takes();
  assert.equal(queue.bytes, 5_000_000);
  assert.ok(client.socket.writableLength <= 64 * 1024);
  let isBelow = false;
  void queue.belowOrGone(4_900_000).then(() => (isBelow = true));
  await client.takes();
  assert.equal(isBelow, false);
  await client.takes();
  assert.equal(isBelow, true);
});

test('all goes out in its order, and then the socket ends', async () => {
  const client = slowSocket();
  const queue = new SocketQueue(client.socket);
  const parts = Array.from({ length: 300 }, (_, at) => Buffer.from(`${at},`.repeat(at)));
  for (const part of parts) queue.push(part);
  queue.end();
  queue.push(Buffer.from('too late'));
  for (let turns = 0; !client.socket.writableEnded; turns++) {
    assert.ok(turns < 100);
    await client.takes();
  }
  assert.equal(client.text(), Buffer.concat(parts).toString());
  assert.equal(queue.bytes, 0);
});

test('who waits for a client that has gone is told', async () => {
  const client = slowSocket();
  const queue = new SocketQueue(client.socket);
  queue.push(Buffer.alloc(1_000_000));
  await client.takes();
  const waiting = queue.belowOrGone(0);
  client.socket.destroy();
  await waiting;
  assert.equal(queue.bytes, 0);
});
