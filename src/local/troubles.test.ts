import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../api/batch/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../api/core/v1/types.ts';
import type { Transport } from '../apimachinery/request.ts';
import { stuckClaim, stuckJob, stuckPod, troublesOf } from './troubles.ts';

const made = '2026-01-01T00:00:00Z';
const metadata = { name: 'x', namespace: 'n', creationTimestamp: made };
const why = (found: { why: string } | undefined): string | undefined => found?.why;

const claims: readonly (readonly [what: string, claim: Partial<PersistentVolumeClaim>, why: string | undefined])[] = [
  ['is bound', { status: { phase: 'Bound' } }, undefined],
  ['has no volume', { status: { phase: 'Pending' } }, 'no volume is bound to it'],
  ['waits for its class', { spec: { storageClassName: 'fast' } }, 'no volume of class fast is bound to it'],
  ['has lost its volume', { spec: { volumeName: 'v' }, status: { phase: 'Lost' } }, 'its volume v is gone'],
  [
    'is used by someone although it is deleted',
    { metadata: { ...metadata, deletionTimestamp: made, finalizers: ['kubernetes.io/pvc-protection'] } },
    'it is deleted, and kubernetes.io/pvc-protection keeps it',
  ],
];
for (const [what, claim, expected] of claims)
  test(`a claim that ${what} ${expected === undefined ? 'is well' : 'hangs'}`, () =>
    assert.equal(why(stuckClaim({ metadata, ...claim } as PersistentVolumeClaim)), expected));

const done = (type: string) => ({ conditions: [{ type, status: 'True' }] });
const jobs: readonly (readonly [what: string, job: Partial<Job>, why: string | undefined])[] = [
  ['is complete', { status: done('Complete') }, undefined],
  ['has failed', { status: { ...done('Failed'), failed: 3 } }, undefined],
  ['is suspended', { spec: { suspend: true } as Job['spec'] }, undefined],
  ['runs', { status: { active: 1, ready: 1, failed: 1 } }, undefined],
  ['tries in vain', { status: { active: 1, failed: 2 } }, '2 of its pods failed, and none is ready'],
  ['has pods that do not start', { status: { active: 2, ready: 0 } }, 'none of its 2 pods is ready'],
  ['gets no pods', {}, 'it has no pods'],
];
for (const [what, job, expected] of jobs)
  test(`a job that ${what} ${expected === undefined ? 'is well' : 'hangs'}`, () =>
    assert.equal(why(stuckJob({ metadata, ...job } as Job)), expected));

const notReady = {
  type: 'Ready',
  status: 'False',
  lastTransitionTime: made,
  message: 'containers with unready status',
};
const pods: readonly (readonly [what: string, pod: Partial<Pod>, why: string | undefined])[] = [
  ['is ready', { status: { phase: 'Running', conditions: [{ ...notReady, status: 'True' }] } }, undefined],
  ['has ended', { status: { phase: 'Failed' } }, undefined],
  [
    'lacks its image',
    {
      status: {
        conditions: [notReady],
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
      } as unknown as Pod['status'],
    } as Partial<Pod>,
    'ImagePullBackOff: no such image',
  ],
  [
    'fits nowhere',
    { status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] } },
    '0/1 nodes are available',
  ],
  ['answers no probe', { status: { phase: 'Running', conditions: [notReady] } }, 'containers with unready status'],
  ['does not end', { metadata: { ...metadata, deletionTimestamp: made } }, 'it is deleted, and has not ended'],
];
for (const [what, pod, expected] of pods)
  test(`a pod that ${what} ${expected === undefined ? 'is well' : 'hangs'}`, () =>
    assert.equal(why(stuckPod({ metadata, ...pod } as Pod)), expected));

const pending = { metadata, spec: { storageClassName: 'patient' }, status: { phase: 'Pending' } };
const user = {
  metadata,
  spec: { volumes: [{ persistentVolumeClaim: { claimName: 'x' } }] },
  status: { phase: 'Failed' },
};

function apiWith(items: Readonly<Record<string, readonly object[]>>): Transport {
  const call = async ({ type: { kind } }: { type: { kind: string } }) => {
    if (items[kind]?.length === 0) throw new Error(`${kind} refused`);
    return { items: items[kind] ?? [] };
  };
  return { call } as unknown as Transport;
}
const after = (ms: number): number => Date.parse(made) + ms;

test('what is stuck is told of after a minute, and nothing where not all could be read', async () => {
  const api = apiWith({ PersistentVolumeClaim: [pending] });
  assert.deepEqual(await troublesOf(api, after(59_000)), []);
  assert.deepEqual(await troublesOf(api, after(60_000)), [
    {
      kind: 'PersistentVolumeClaim',
      namespace: 'n',
      name: 'x',
      since: made,
      why: 'no volume of class patient is bound to it',
    },
  ]);
  await assert.rejects(troublesOf(apiWith({ Job: [] }), after(0)), /Job refused/);
});

test('a claim whose class waits for a pod hangs only if there is one', async () => {
  const StorageClass = [{ metadata: { name: 'patient' }, volumeBindingMode: 'WaitForFirstConsumer' }];
  const count = async (more: Readonly<Record<string, readonly object[]>>): Promise<number> =>
    (await troublesOf(apiWith({ PersistentVolumeClaim: [pending], StorageClass, ...more }), after(60_000))).length;
  assert.equal(await count({}), 0);
  assert.equal(await count({ Pod: [user] }), 1);
});
