import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../base/seeded-random.ts';
import { OrderedMap } from './ordered-map.ts';

test('ranges, counts and lookups agree with a sorted list, through thousands of sets and deletes', () => {
  const random = new SeededRandom('ordered map');
  const map = new OrderedMap<number>();
  const model = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const key = `/${Math.floor(random.next() * 5000)}`;
    if (random.next() < (i < 10_000 ? 0.8 : 0.2)) {
      map.set(key, i);
      model.set(key, i);
    } else assert.equal(map.delete(key), model.delete(key));
    if (i % 500 !== 0) continue;
    const [start, end] = [`/${Math.floor(random.next() * 5000)}`, `/${Math.floor(random.next() * 5000)}`];
    const expected = [...model].filter(([one]) => one >= start && one < end).sort(([a], [b]) => (a < b ? -1 : 1));
    assert.equal(map.size, model.size);
    assert.equal(map.get(key), model.get(key));
    assert.equal(map.count(start, end), expected.length);
    assert.deepEqual(
      map.range(start, end),
      expected.map(([, value]) => value),
    );
    assert.deepEqual(
      map.range(start, end, 3),
      expected.slice(0, 3).map(([, value]) => value),
    );
  }
});
