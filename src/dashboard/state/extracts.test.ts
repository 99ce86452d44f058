import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../apimachinery/object.ts';
import { extracts } from './extracts.ts';

const metadata = { name: 'x' };
const cases: [kind: string, object: object, want: unknown][] = [
  [
    'pods',
    {
      spec: {
        nodeName: 'one',
        containers: [
          { name: 'a', resources: { requests: { cpu: '250m', memory: '1Gi' } } },
          { name: 'b', resources: { requests: { cpu: '1' } } },
        ],
      },
      status: {
        phase: 'Running',
        containerStatuses: [{ lastState: { terminated: { finishedAt: '2026-01-01T00:00:00Z' } } }],
      },
    },
    {
      nodeName: 'one',
      isOver: false,
      requests: { cpu: 1.25, memory: 2 ** 30 },
      restarted: '2026-01-01T00:00:00Z',
    },
  ],
  [
    'pods',
    { spec: { containers: [] }, status: { phase: 'Failed' } },
    { nodeName: undefined, isOver: true, requests: { cpu: 0, memory: 0 }, restarted: undefined },
  ],
  [
    'nodes',
    { status: { allocatable: { cpu: '3900m', memory: '8Gi', pods: '110' } } },
    { pods: 110, cpu: 3.9, memory: 8 * 2 ** 30 },
  ],
  ['nodes', {}, { pods: 0, cpu: 0, memory: 0 }],
  [
    'events',
    { type: 'Warning', lastTimestamp: '2026-01-01T00:00:00Z' },
    { lastSeen: '2026-01-01T00:00:00Z', isWarning: true },
  ],
  ['deployments.apps', { spec: { paused: true } }, { tone: 'plain', text: 'paused' }],
];

for (const [kind, object, want] of cases)
  test(`of ${kind} with ${JSON.stringify(object).slice(0, 60)} is kept what the page needs`, () =>
    assert.deepEqual(extracts[kind]!({ metadata, ...object } as KubeObject), want));
