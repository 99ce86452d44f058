import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from './bounded-map.ts';

test('when it is full, the older half is forgotten', () => {
  const map = new BoundedMap<string, number>(4);
  for (const [at, key] of ['a', 'b', 'c', 'd', 'e'].entries()) map.set(key, at);
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map((key) => map.get(key)),
    [undefined, undefined, 2, 3, 4],
  );
});

test('what is asked for stays', () => {
  const map = new BoundedMap<string, number>(4);
  map.set('a', 0);
  for (const key of ['b', 'c', 'd', 'e', 'f', 'g']) {
    assert.equal(map.get('a'), 0);
    map.set(key, 1);
  }
});

test('a key that is too long is answered, and not kept', () => {
  const map = new BoundedMap<string, number>(4, 3);
  assert.equal(map.set('abc', 1), 1);
  assert.equal(map.set('abcd', 2), 2);
  assert.deepEqual([map.get('abc'), map.get('abcd')], [1, undefined]);
});
