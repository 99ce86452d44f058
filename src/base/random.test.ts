import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomName } from './random.ts';
import { SeededRandom } from './seeded-random.ts';
import { systemRandom } from './system-random.ts';

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function draw(random: SeededRandom): unknown[] {
  return [random.next(), Buffer.from(random.bytes(7)).toString('hex'), random.uuid(), randomName(random, 5)];
}

test('a seed always gives the same stream, written down here so that it never changes', () => {
  assert.deepEqual(draw(new SeededRandom('kubeling')), draw(new SeededRandom('kubeling')));
  assert.notDeepEqual(draw(new SeededRandom(1)), draw(new SeededRandom(2)));
  assert.equal(randomName(new SeededRandom('kubeling'), 10), 'mgh4dkq475');
});

test('a fork has a stream of its own that others do not shift', () => {
  const one = new SeededRandom(7);
  const fresh = draw(one.fork('scheduler'));
  draw(one);
  assert.deepEqual(draw(one.fork('scheduler')), fresh);
  assert.notDeepEqual(draw(one.fork('kubelet')), fresh);
});

test('numbers lie in [0, 1) and fill it evenly', () => {
  const random = new SeededRandom(3);
  const buckets = new Array<number>(10).fill(0);
  for (let i = 0; i < 20_000; i++) {
    const number = random.next();
    assert.ok(number >= 0 && number < 1);
    buckets[Math.floor(number * 10)]!++;
  }
  for (const count of buckets) assert.ok(count > 1800 && count < 2200, `${count} of 20000 in a tenth`);
});

test('UUIDs are of version 4, from the seed and from the system', () => {
  const random = new SeededRandom(5);
  for (let i = 0; i < 100; i++) assert.match(random.uuid(), version4);
  assert.match(systemRandom.uuid(), version4);
});

test('the system gives as many bytes as asked for, beyond what it gives at once', () => {
  assert.equal(systemRandom.bytes(200_000).length, 200_000);
  assert.notDeepEqual(systemRandom.bytes(16), systemRandom.bytes(16));
});
