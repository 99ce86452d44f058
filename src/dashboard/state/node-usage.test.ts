import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../api/core/v1/types.ts';
import { bytesText, coresText, nodeUsageReader } from './node-usage.ts';

test('A node is as full as the pods on it ask for, but for those that have ended', () => {
  const node = {
    metadata: { name: 'one' },
    status: { allocatable: { cpu: '3900m', memory: '8Gi', pods: '110' } },
  } as unknown as Node;
  const pods = [
    pod('a', { phase: 'Running' }, { cpu: '250m', memory: '1Gi' }),
    pod('b', { phase: 'Pending' }, { cpu: '1', memory: '512Mi' }),
    pod('c', { phase: 'Succeeded' }, { cpu: '2', memory: '4Gi' }),
    { ...pod('d', {}, { cpu: '2', memory: '4Gi' }), spec: { containers: [] } },
  ];
  assert.deepEqual(nodeUsageReader()([node], pods).get('one'), {
    pods: { used: 2, of: 110 },
    cpu: { used: 1.25, of: 3.9 },
    memory: { used: 1.5 * 2 ** 30, of: 8 * 2 ** 30 },
  });
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

function pod(name: string, status: Pod['status'], requests: Record<string, string>): Pod {
  return {
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name },
    spec: { nodeName: 'one', containers: [{ name: 'main', image: 'web:1', resources: { requests } }] },
    status,
  };
}
