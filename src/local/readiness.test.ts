import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOfServer, unready, type NodeState } from './readiness.ts';

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

for (const { name, pages, want } of [
  { name: 'that is ready', pages: { '/readyz': 'ok' }, want: undefined },
  {
    name: 'whose disk is full',
    pages: { '/readyz/etcd': 'internal server error: the disk is full\n' },
    want: 'the API server is not ready: the disk is full',
  },
  { name: 'that does not answer', pages: {}, want: 'the API server is not ready' },
] satisfies { name: string; pages: Record<string, string>; want: string | undefined }[])
  test(`a server ${name}`, async () => {
    const text = async (path: string): Promise<string> => {
      const page = (pages as Record<string, string>)[path];
      if (page?.startsWith('ok') === true) return page;
      throw new Error(page ?? 'refused');
    };
    assert.equal(await problemOfServer({ text }), want);
  });
