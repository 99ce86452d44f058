import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, coresText, nodeUsages } from './node-usage.ts';
import type { NodeExtract, PodExtract } from './extracts.ts';
import type { Row } from './table-rows.ts';

const row = <E>(name: string, extract: E): Row<E> => ({ metadata: { name }, cells: [name], extract });
const pod = (name: string, more: Partial<PodExtract>): Row<PodExtract> =>
  row(name, { nodeName: 'one', isOver: false, requests: { cpu: 1, memory: 2 }, restarted: undefined, ...more });

test('A node is as full as the pods on it ask for, but for those that have ended', () => {
  const node: Row<NodeExtract> = row('one', { cpu: 3.9, memory: 8, pods: 110 });
  const pods = [
    pod('a', {}),
    pod('b', { requests: { cpu: 0.25, memory: 1 } }),
    pod('over', { isOver: true }),
    pod('elsewhere', { nodeName: 'two' }),
    pod('nowhere', { nodeName: undefined }),
  ];
  assert.deepEqual(
    [...nodeUsages([node, row('empty', { cpu: 1, memory: 1, pods: 1 })], pods)],
    [
      ['one', { pods: { used: 2, of: 110 }, cpu: { used: 1.25, of: 3.9 }, memory: { used: 3, of: 8 } }],
      ['empty', { pods: { used: 0, of: 1 }, cpu: { used: 0, of: 1 }, memory: { used: 0, of: 1 } }],
    ],
  );
});

for (const [bytes, want] of [
  [0, '0'],
  [900, '900 B'],
  [1.5 * 2 ** 30, '1.5 Gi'],
  [15.6 * 2 ** 30, '16 Gi'],
  [64 * 2 ** 20, '64 Mi'],
] as const)
  test(`${bytes} bytes are shown as ${want}`, () => assert.equal(bytesText(bytes), want));

test('cores are shown to the hundredth', () =>
  assert.deepEqual([0.1 + 0.2, 4, 1.256].map(coresText), ['0.3', '4', '1.26']));
