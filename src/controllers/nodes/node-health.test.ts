import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '../../api/core/v1/types.ts';
import { gracePeriodMs, lostConditions, observe, startupGraceMs, untilLost } from './node-health.ts';

const now = Date.UTC(2026, 0, 1);

function node(ready?: string, heartbeat = '2026-01-01T00:00:00Z'): Node {
  const conditions =
    ready === undefined
      ? []
      : [{ type: 'Ready', status: ready, lastHeartbeatTime: heartbeat, reason: 'KubeletReady', message: 'ok' }];
  return { metadata: { name: 'n', creationTimestamp: '2025-12-31T23:59:00Z' }, spec: {}, status: { conditions } };
}

test('only a new sign of life counts, and it counts from when we saw it', () => {
  const first = observe(undefined, node('True'), 'lease 1', 1000);
  assert.equal(observe(first, node('True'), 'lease 1', 2000).seenAt, 1000);
  assert.equal(observe(first, node('True'), 'lease 2', 3000).seenAt, 3000);
  assert.equal(observe(first, node('True', '2026-01-01T00:00:10Z'), 'lease 1', 4000).seenAt, 4000);
});

test('a node has its grace, a new one a little more', () => {
  const seen = { sign: '', seenAt: 1000 };
  assert.equal(untilLost(node('True'), seen, 1000), gracePeriodMs);
  assert.equal(untilLost(node(), seen, 1000), startupGraceMs);
  assert.ok(untilLost(node('True'), seen, 1000 + gracePeriodMs) <= 0);
});

test('a lost node says that nothing is known of it', () => {
  const conditions = lostConditions(node('True'), now);
  assert.deepEqual(conditions[0], {
    type: 'Ready',
    status: 'Unknown',
    lastHeartbeatTime: '2026-01-01T00:00:00Z',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  assert.deepEqual(
    conditions.slice(1).map(({ type, reason }) => `${type} ${reason}`),
    [
      'MemoryPressure NodeStatusNeverUpdated',
      'DiskPressure NodeStatusNeverUpdated',
      'PIDPressure NodeStatusNeverUpdated',
    ],
  );
});

test('what is unknown already stays as it is', () => {
  const lost = lostConditions(node('True'), now);
  assert.deepEqual(lostConditions({ ...node(), status: { conditions: lost } }, now + 60_000), lost);
});
