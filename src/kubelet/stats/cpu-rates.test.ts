import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CpuRates } from './cpu-rates.ts';

const second = 1e9;

const stories: {
  name: string;
  looks: (readonly [atSeconds: number, cpuSeconds: number])[];
  want: (number | undefined)[];
}[] = [
  { name: 'the first look has nothing to compare with', looks: [[0, 5]], want: [undefined] },
  {
    name: 'half a core',
    looks: [
      [0, 5],
      [10, 10],
    ],
    want: [undefined, second / 2],
  },
  {
    name: 'a look that comes too soon repeats the rate',
    looks: [
      [0, 0],
      [10, 10],
      [10.5, 10.1],
      [20, 10],
    ],
    want: [undefined, second, second, 0],
  },
  {
    name: 'what started anew has no rate',
    looks: [
      [0, 5],
      [10, 1],
      [20, 2],
    ],
    want: [undefined, undefined, second / 10],
  },
];
for (const { name, looks, want } of stories)
  test(`rates: ${name}`, () => {
    const rates = new CpuRates();
    const told = looks.map(([at, cpu]) => {
      rates.begin();
      return rates.rate('a', at * 1000, cpu * second);
    });
    assert.deepEqual(told, want);
  });

test('rates: what one look misses is forgotten', () => {
  const rates = new CpuRates();
  rates.begin();
  rates.rate('a', 0, 0);
  rates.begin();
  rates.begin();
  assert.equal(rates.rate('a', 10_000, second), undefined);
});
