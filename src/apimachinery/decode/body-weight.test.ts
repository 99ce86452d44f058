import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTooHeavy, itemWeight, keyWeight, manyKeys, mostWeight, weightOf } from './body-weight.ts';

const times = (count: number, item: unknown) => Array.from({ length: count }, () => item);
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, '']));
/** Small maps, of as many keys in all. */
const maps = (count: number) => ({ ...times(count / 100, keys(100)) });
/** The most keys of one map: the first of them count once. */
const mostKeys = manyKeys + (mostWeight - 1 - manyKeys) / keyWeight;

const rows = [
  { name: 'items', fits: times(mostWeight / itemWeight - 1, 0), not: times(mostWeight / itemWeight + 1, 0) },
  { name: 'items that are objects', fits: times(mostWeight / 6 - 1, {}), not: times(mostWeight / 6 + 1, {}) },
  { name: 'keys of one map', fits: keys(Math.floor(mostKeys)), not: keys(Math.ceil(mostKeys) + 1) },
  { name: 'members of small objects', fits: maps(mostWeight - 2000), not: maps(mostWeight + 100) },
  { name: 'letters of a text', fits: ['[,{"'.repeat(200_000), 'x'], not: times(mostWeight, '\\"') },
];

for (const { name, fits, not } of rows)
  test(`as many ${name} as are taken, and one too many`, () => {
    const found = [fits, not].map((value) => isTooHeavy(Buffer.from(JSON.stringify(value))));
    assert.deepEqual(found, [false, true]);
  });

test('a text that is no JSON is weighed as well', () => {
  assert.equal(isTooHeavy(Buffer.from('}]'.repeat(200_000))), false);
  assert.equal(isTooHeavy(Buffer.from('['.repeat(200_000))), true);
  assert.equal(isTooHeavy(Buffer.from(`"${'a'.repeat(200_000)}`)), false);
});

test('a long text ends where it ends, whatever is escaped in it', () => {
  const weigh = (json: string) => weightOf(Buffer.from(json), mostWeight);
  for (let letters = 55; letters < 75; letters++)
    for (const end of ['', '\\', '\\\\', '"', '\\"', '"\\', `"[${'{},'.repeat(9)}`, `"${'x'.repeat(99)}\\\\`]) {
      const json = JSON.stringify(['x'.repeat(letters) + end, 1]);
      assert.equal(weigh(json), weigh('["",1]'), json);
    }
  assert.equal(weigh(`["${'x'.repeat(99)}\\",1]`), weigh('[""]'), 'one that does not end');
});
