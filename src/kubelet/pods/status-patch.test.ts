import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodStatus } from '../../api/core/v1/types.ts';
import { makePod } from '../testing/pods.ts';
import { canWait, statusPatch } from './status-patch.ts';

const time = '2026-01-01T00:00:00Z';
const ready = { type: 'Ready', status: 'True', lastTransitionTime: time };
const unready = {
  type: 'Ready',
  status: 'False',
  reason: 'ContainersNotReady',
  message: 'no',
  lastTransitionTime: time,
};
const sandbox = { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: time };

const rows: { name: string; shows: PodStatus; wanted: PodStatus; patch: object | undefined; waits?: boolean }[] = [
  {
    name: 'nothing new',
    shows: { phase: 'Running', conditions: [ready] },
    wanted: { phase: 'Running', conditions: [ready] },
    patch: undefined,
  },
  { name: 'a phase', shows: { phase: 'Pending' }, wanted: { phase: 'Running' }, patch: { phase: 'Running' } },
  {
    name: 'a condition that lost its reason',
    shows: { conditions: [unready, { type: 'x/y', status: 'True' }] },
    wanted: { conditions: [ready] },
    patch: { conditions: [{ ...ready, reason: null, message: null }] },
  },
  {
    name: 'an address',
    shows: {},
    wanted: { podIP: '1.2.3.4', podIPs: [{ ip: '1.2.3.4' }] },
    patch: { podIP: '1.2.3.4', podIPs: [{ $patch: 'replace' }, { ip: '1.2.3.4' }] },
    waits: true,
  },
  {
    name: 'an address of the node, which replaces the old one',
    shows: { hostIPs: [{ ip: '192.0.2.1' }] },
    wanted: { hostIPs: [{ ip: '192.0.2.2' }] },
    patch: { hostIPs: [{ $patch: 'replace' }, { ip: '192.0.2.2' }] },
    waits: true,
  },
  {
    name: 'amounts of the pod, one of which is gone',
    shows: { resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } }, allocatedResources: { cpu: '1' } },
    wanted: { resources: { requests: { cpu: '1' } } },
    patch: { resources: { $patch: 'replace', requests: { cpu: '1' } }, allocatedResources: null },
    waits: true,
  },
  {
    name: 'conditions of a pod that is not taken on',
    shows: {
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'example.com/other', status: 'True' },
      ],
    },
    wanted: { phase: 'Failed', conditions: [] },
    patch: { phase: 'Failed', conditions: [{ $patch: 'delete', type: 'PodScheduled' }] },
    waits: false,
  },
  { name: 'a sandbox', shows: {}, wanted: { conditions: [sandbox] }, patch: { conditions: [sandbox] }, waits: true },
  {
    name: 'a generation',
    shows: { observedGeneration: 1, conditions: [{ ...ready, observedGeneration: 1 }] },
    wanted: { observedGeneration: 2, conditions: [{ ...ready, observedGeneration: 2 }] },
    patch: { observedGeneration: 2, conditions: [{ ...ready, observedGeneration: 2 }] },
    waits: true,
  },
  {
    name: 'a reason that is over',
    shows: { reason: 'x', message: 'y' },
    wanted: {},
    patch: { reason: null, message: null },
  },
];
for (const { name, shows, wanted, patch, waits = false } of rows)
  test(`status patch: ${name}${waits ? ', which can wait' : ''}`, () => {
    const pod: Pod = { ...makePod(), status: shows };
    const got = statusPatch(pod, wanted);
    assert.deepEqual(got, patch && { metadata: { uid: 'u1' }, status: patch });
    if (got !== undefined) assert.equal(canWait(pod, got), waits);
  });

test('that a sandbox is gone waits for the end of a pod, unless somebody holds it', () => {
  const gone = { ...sandbox, status: 'False' as const };
  const leaving = { name: 'web', uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z' };
  for (const finalizers of [[], ['example.com/hold']]) {
    const pod = { ...makePod(), metadata: { ...leaving, finalizers }, status: { conditions: [sandbox] } };
    assert.equal(canWait(pod, statusPatch(pod, { conditions: [gone] })!), finalizers.length === 0);
  }
});
