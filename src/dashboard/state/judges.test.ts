import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judges, type Around, type State } from './judges.ts';
import type { Cell } from './table-rows.ts';
import { rowOf } from './testing/row-of.ts';

const around: Around = {
  endpoints: new Map([
    ['default/partly', { used: 2, of: 3 }],
    ['default/empty', { used: 0, of: 0 }],
  ]),
  patientClasses: new Set(['standard']),
};
const metadata = { namespace: 'default', name: 'x' };
const owned = {
  ...metadata,
  ownerReferences: [{ apiVersion: 'v1', kind: 'O', name: 'o', uid: 'o', controller: true }],
};
const service = (name: string, selector: string, want: State): Case => [
  'services',
  ['ClusterIP', '10.96.0.7', '<none>', '80/TCP', '1m', selector],
  want,
  { ...metadata, name },
];
const set = (desired: number, upToDate: number, available: number): Cell[] => [
  desired,
  desired,
  0,
  upToDate,
  available,
];

type Case = [kind: string, cells: readonly Cell[], want: State, metadata?: object];
const cases: Case[] = [
  ['nodes', ['NotReady'], { tone: 'bad', text: 'NotReady' }],
  ['nodes', ['Ready,SchedulingDisabled'], { tone: 'busy', text: 'Ready,SchedulingDisabled' }],
  ['pods', ['0/1', 'CrashLoopBackOff'], { tone: 'bad', text: 'CrashLoopBackOff, 0/1 ready' }],
  ['pods', ['1/2', 'Running'], { tone: 'busy', text: 'Running, 1/2 ready' }],
  service('partly', 'app=web', { tone: 'busy', text: '2/3' }),
  service('empty', 'app=web', { tone: 'bad', text: 'no endpoints' }),
  service('outside', '<none>', { tone: 'plain', text: '–' }),
  ['statefulsets.apps', ['3/3'], { tone: 'good', text: '3/3 ready' }],
  ['statefulsets.apps', ['1/3'], { tone: 'busy', text: '1/3 ready' }],
  ['statefulsets.apps', ['0/0'], { tone: 'plain', text: '0/0 ready' }],
  ['daemonsets.apps', set(3, 3, 3), { tone: 'good', text: '3/3 available' }],
  ['daemonsets.apps', set(3, 1, 3), { tone: 'busy', text: '1 of 3 updated' }],
  ['daemonsets.apps', set(3, 3, 0), { tone: 'bad', text: '0/3 available' }],
  ['replicasets.apps', [2, 2, 0], { tone: 'bad', text: '0/2 ready' }],
  ['replicasets.apps', [2, 2, 0], { tone: 'plain', text: '–' }, owned],
  ['replicationcontrollers', [2, 2, 1], { tone: 'busy', text: '1/2 ready' }],
  ['jobs.batch', ['Failed'], { tone: 'bad', text: 'Failed' }],
  ['jobs.batch', ['Running'], { tone: 'good', text: 'Running' }],
  ['jobs.batch', ['Suspended'], { tone: 'plain', text: 'Suspended' }],
  ['persistentvolumeclaims', ['Bound', 'v', '1Gi', 'RWO', 'standard'], { tone: 'good', text: 'Bound' }],
  ['persistentvolumeclaims', ['Pending', '', '', '', 'standard'], { tone: 'plain', text: 'waits for a pod' }],
  ['persistentvolumeclaims', ['Pending', '', '', '', 'fast'], { tone: 'busy', text: 'Pending' }],
  ['persistentvolumeclaims', ['Lost', 'v', '', '', 'standard'], { tone: 'bad', text: 'Lost' }],
  [
    'persistentvolumeclaims',
    ['Bound', 'v', '1Gi', 'RWO', 'standard'],
    { tone: 'busy', text: 'Terminating' },
    { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
  ],
  ['persistentvolumes', ['1Gi', 'RWO', 'Delete', 'Failed'], { tone: 'bad', text: 'Failed' }],
  ['persistentvolumes', ['1Gi', 'RWO', 'Retain', 'Released'], { tone: 'plain', text: 'Released' }],
  [
    'horizontalpodautoscalers.autoscaling',
    ['Deployment/web', 'cpu: <unknown>/50%'],
    { tone: 'busy', text: 'no metrics' },
  ],
  ['horizontalpodautoscalers.autoscaling', ['Deployment/web', 'cpu: 7%/50%'], { tone: 'good', text: 'cpu: 7%/50%' }],
  ['apiservices.apiregistration.k8s.io', ['a/b', 'True'], { tone: 'good', text: 'available' }],
  [
    'apiservices.apiregistration.k8s.io',
    ['a/b', 'False (MissingEndpoints)'],
    { tone: 'bad', text: 'available: False (MissingEndpoints)' },
  ],
  ['namespaces', ['Terminating'], { tone: 'busy', text: 'Terminating' }],
];

for (const [kind, cells, want, own = metadata] of cases)
  test(`one of ${kind} with ${JSON.stringify(cells)} is ${want.tone}: ${want.text}`, () => {
    const row = rowOf({ metadata: { ...metadata, ...own } }, ...cells);
    assert.deepEqual(judges[kind]!(row, around), want);
    assert.deepEqual(judges[kind]!(row, around), want, 'judged again');
  });
