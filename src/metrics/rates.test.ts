import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sample } from './node-sample.ts';
import { nextWindow, rateOf, type Window } from './rates.ts';

/** Seconds: when it was taken, the CPU time until then, and when the thing started. */
type Look = readonly [at: number, cpu: number, startedAt?: number];

const hour = 3600;
const rows: { name: string; looks: Look[]; want: readonly [windowSeconds: number, cores: number] | undefined }[] = [
  { name: 'one look at a node is not enough', looks: [[hour, 5]], want: undefined },
  {
    name: 'two looks make a rate',
    looks: [
      [hour, 5],
      [hour + 15, 20],
    ],
    want: [15, 1],
  },
  {
    name: 'of three looks the last two count',
    looks: [
      [hour, 5],
      [hour + 15, 20],
      [hour + 25, 25],
    ],
    want: [10, 0.5],
  },
  {
    name: 'a look that shows the same sample changes nothing',
    looks: [
      [hour, 5],
      [hour + 15, 20],
      [hour + 15, 20],
    ],
    want: [15, 1],
  },
  {
    name: 'a node that starts to count anew has to be looked at again',
    looks: [
      [hour, 50],
      [hour + 15, 1],
    ],
    want: undefined,
  },
  {
    name: '… and then has a rate',
    looks: [
      [hour, 50],
      [hour + 15, 1],
      [hour + 25, 6],
    ],
    want: [10, 0.5],
  },
  { name: 'a container that started lately counts from its start', looks: [[hour, 10, hour - 20]], want: [20, 0.5] },
  { name: 'a container that started just now does not', looks: [[hour, 3, hour - 5]], want: undefined },
  { name: 'one that has run for long does not either', looks: [[hour, 3, 10]], want: undefined },
  {
    name: 'a container that runs on',
    looks: [
      [hour, 3, 10],
      [hour + 10, 8, 10],
    ],
    want: [10, 0.5],
  },
  {
    name: 'a container that was restarted between two looks',
    looks: [
      [hour, 3, 10],
      [hour + 15, 5, hour + 5],
    ],
    want: [10, 0.5],
  },
  {
    name: 'a container that was restarted just before the second look',
    looks: [
      [hour, 3, 10],
      [hour + 15, 5, hour + 14],
    ],
    want: undefined,
  },
];
for (const { name, looks, want } of rows)
  test(`rates: ${name}`, () => {
    let window: Window | undefined;
    for (const [at, cpuSeconds, startedAt] of looks) {
      const sample: Sample = { at: at * 1000, cpuSeconds, memoryBytes: 7 };
      window = nextWindow(window, startedAt === undefined ? sample : { ...sample, startedAt: startedAt * 1000 });
    }
    const rate = rateOf(window!);
    assert.deepEqual(rate && [rate.windowMs / 1000, rate.nanoCores / 1e9], want);
    if (rate) assert.deepEqual([rate.at, rate.memoryBytes], [looks.at(-1)![0] * 1000, 7]);
  });
