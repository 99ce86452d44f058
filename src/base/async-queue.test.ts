import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncQueue } from './async-queue.ts';

test('items come in order, from before and from after the consumer waits, to the end', async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.push(2);
  const seen: number[] = [];
  const done = (async () => {
    for await (const item of queue) seen.push(item);
  })();
  await Promise.resolve();
  queue.push(3);
  queue.close();
  queue.push(4);
  await done;
  assert.deepEqual(seen, [1, 2, 3]);
});

test('an error comes once, after the items before it', async () => {
  const queue = new AsyncQueue<number>();
  queue.push(1);
  queue.close(new Error('broken'));
  assert.deepEqual(await queue.next(), { done: false, value: 1 });
  await assert.rejects(queue.next(), /broken/);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

test('who waits learns of the end, and who leaves drops the rest', async () => {
  const ended = new AsyncQueue<number>();
  const waiting = ended.next();
  ended.close();
  assert.equal((await waiting).done, true);

  const left = new AsyncQueue<number>();
  left.push(1);
  left.push(2);
  for await (const _ of left) break;
  assert.deepEqual([left.size, left.closed], [0, true]);
});
