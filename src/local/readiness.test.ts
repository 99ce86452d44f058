import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unready, type NodeState } from './readiness.ts';

const state = (name: string, reportedAt: number, ready = true): NodeState => ({
  name,
  ready,
  message: ready ? 'fine' : 'no network',
  reportedAt,
});
const both = [
  { name: 'one', since: 5_400 },
  { name: 'two', since: 0 },
];

for (const { name, states, want } of [
  { name: 'that have said so are ready', states: [state('one', 6_000), state('two', 1_000)], want: undefined },
  {
    name: 'may say so in the second in which they began',
    states: [state('one', 5_000), state('two', 0)],
    want: undefined,
  },
  {
    name: 'that are not known have not joined',
    states: [state('one', 6_000)],
    want: 'node two is not ready: it has not joined',
  },
  {
    name: 'that were ready before they were switched on have not come back',
    states: [state('one', 4_000), state('two', 1_000)],
    want: 'node one is not ready: it has not come back',
  },
  {
    name: 'say why they are not ready',
    states: [state('one', 6_000), state('two', 6_000, false)],
    want: 'node two is not ready: no network',
  },
])
  test(`nodes ${name}`, () => assert.equal(unready(both, states), want));
