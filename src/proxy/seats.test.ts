import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrange } from './seats.ts';

const cases: readonly { name: string; previous: string; wanted: string; want: string }[] = [
  { name: 'the first ones sit down in order', previous: '', wanted: 'abc', want: 'abc' },
  { name: 'a newcomer sits at the end', previous: 'abc', wanted: 'abcd', want: 'abcd' },
  { name: 'the last moves to where someone left', previous: 'abcd', wanted: 'acd', want: 'adc' },
  { name: 'a newcomer takes the seat of who left', previous: 'abc', wanted: 'acx', want: 'axc' },
  { name: 'the order of those wanted means nothing', previous: 'abc', wanted: 'cba', want: 'abc' },
];

for (const { name, previous, wanted, want } of cases)
  test(`seats: ${name}`, () => assert.equal(arrange([...previous], [...wanted]).join(''), want));

test('everybody wanted has one seat, and few move', () => {
  const people = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'));
  fc.assert(
    fc.property(people, people, (previous, wanted) => {
      const seats = arrange(previous, wanted);
      assert.deepEqual([...seats].sort(), [...wanted].sort());
      const moved = seats.filter((one, seat) => previous[seat] !== one).length;
      const left = previous.filter((one) => !wanted.includes(one)).length;
      const came = wanted.filter((one) => !previous.includes(one)).length;
      assert.ok(moved <= Math.max(left, came));
    }),
  );
});
