import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderedBy } from './list-order.ts';

for (const [items, wanted, before, result] of [
  ['abc', '', 'abc', 'abc'],
  ['abcd', 'd', 'abc', 'dabc'],
  ['abc', 'ca', 'abc', 'bca'],
  ['acdb', 'acd', 'ab', 'acdb'],
  ['xyz', 'xz', 'xy', 'xzy'],
] as const)
  test(`${items} with ${wanted || 'nothing'} wanted, ${before} before, is ${result}`, () => {
    const list = (text: string) => [...text].map((name) => ({ name }));
    assert.deepEqual(orderedBy(list(items), list(wanted), list(before), 'name'), list(result));
    assert.equal(orderedBy([...items], [...wanted], [...before], undefined).join(''), result);
  });

test('no item is lost or doubled, and what is wanted comes in its order', () => {
  const letters = fc.uniqueArray(fc.constantFrom(...'abcdef'));
  fc.assert(
    fc.property(letters, letters, (before, wanted) => {
      const items = [...new Set([...before, ...wanted])];
      const result = orderedBy(items, wanted, before, undefined);
      assert.deepEqual([...result].sort(), [...items].sort());
      assert.deepEqual(
        result.filter((item) => wanted.includes(item as string)),
        wanted,
      );
    }),
  );
});
