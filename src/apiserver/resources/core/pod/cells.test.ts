import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodStatus } from '../../../../api/core/v1/types.ts';
import { podCells } from './cells.ts';

const now = Date.parse('2030-01-01T01:00:00Z');
const running = { state: { running: {} }, ready: true, started: true };
const ended = (exitCode: number, more = {}) => ({ state: { terminated: { exitCode, ...more } }, ready: false });
const waiting = (reason: string) => ({ state: { waiting: { reason } }, ready: false });
const of = (name: string, more: object) => ({ name, image: 'x', imageID: '', restartCount: 0, ready: false, ...more });

interface Row {
  readonly name: string;
  readonly status?: object;
  readonly spec?: object;
  readonly metadata?: object;
  /** Ready, Status, Restarts. */
  readonly want: readonly [string, string, string];
}

const init = { initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }] };
const rows: Row[] = [
  { name: 'that waits for a node', status: { phase: 'Pending' }, want: ['0/1', 'Pending', '0'] },
  {
    name: 'that is held back',
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    want: ['0/1', 'SchedulingGated', '0'],
  },
  {
    name: 'that is being made',
    status: { phase: 'Pending', containerStatuses: [of('app', waiting('ContainerCreating'))] },
    want: ['0/1', 'ContainerCreating', '0'],
  },
  {
    name: 'that runs',
    status: { phase: 'Running', containerStatuses: [of('app', running)] },
    want: ['1/1', 'Running', '0'],
  },
  {
    name: 'that was started again lately',
    status: {
      phase: 'Running',
      containerStatuses: [
        of('app', {
          ...running,
          restartCount: 2,
          lastState: { terminated: { exitCode: 1, finishedAt: '2030-01-01T00:59:55Z' } },
        }),
      ],
    },
    want: ['1/1', 'Running', '2 (5s ago)'],
  },
  {
    name: 'that crashes',
    status: { phase: 'Running', containerStatuses: [of('app', { ...waiting('CrashLoopBackOff'), restartCount: 3 })] },
    want: ['0/1', 'CrashLoopBackOff', '3'],
  },
  {
    name: 'that ended well',
    status: { phase: 'Succeeded', containerStatuses: [of('app', ended(0, { reason: 'Completed' }))] },
    want: ['0/1', 'Completed', '0'],
  },
  {
    name: 'that was killed without a reason',
    status: { phase: 'Failed', containerStatuses: [of('app', ended(137, { signal: 9 }))] },
    want: ['0/1', 'Signal:9', '0'],
  },
  {
    name: 'of which one container has ended and one runs, but not ready as a whole',
    spec: { containers: [{ name: 'a' }, { name: 'b' }] },
    status: {
      phase: 'Running',
      containerStatuses: [of('a', ended(0, { reason: 'Completed' })), of('b', running)],
    },
    want: ['1/2', 'NotReady', '0'],
  },
  {
    name: 'of which one container ended well and one did not',
    spec: { containers: [{ name: 'a' }, { name: 'b' }] },
    status: {
      phase: 'Failed',
      containerStatuses: [of('a', ended(0, { reason: 'Completed' })), of('b', ended(2, { reason: 'Error' }))],
    },
    want: ['0/2', 'Error', '0'],
  },
  {
    name: 'whose first init container runs',
    spec: init,
    status: { phase: 'Pending', initContainerStatuses: [of('i', { state: { running: {} } })] },
    want: ['0/2', 'Init:0/2', '0'],
  },
  {
    name: 'whose init container fails again and again',
    spec: init,
    status: {
      phase: 'Pending',
      initContainerStatuses: [of('i', { ...waiting('CrashLoopBackOff'), restartCount: 1 })],
    },
    want: ['0/2', 'Init:CrashLoopBackOff', '1'],
  },
  {
    name: 'whose sidecar is ready before its container',
    spec: init,
    status: {
      phase: 'Pending',
      initContainerStatuses: [of('i', ended(0)), of('s', { ...running, restartCount: 4 })],
      containerStatuses: [of('app', waiting('PodInitializing'))],
    },
    want: ['1/2', 'PodInitializing', '4'],
  },
  {
    name: 'that is being deleted',
    metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' },
    status: { phase: 'Running', containerStatuses: [of('app', running)] },
    want: ['1/1', 'Terminating', '0'],
  },
  {
    name: 'that is being deleted on a node that is lost',
    metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' },
    status: { phase: 'Running', reason: 'NodeLost', containerStatuses: [of('app', running)] },
    want: ['1/1', 'Unknown', '0'],
  },
  { name: 'that was evicted', status: { phase: 'Failed', reason: 'Evicted' }, want: ['0/1', 'Evicted', '0'] },
];

for (const { name, status = {}, spec = {}, metadata = {}, want } of rows) {
  test(`columns of a pod ${name}`, () => {
    const pod = {
      metadata: { name: 'web', creationTimestamp: '2030-01-01T00:00:00Z', ...metadata },
      spec: { containers: [{ name: 'app' }], ...spec },
      status: status as PodStatus,
    } as Pod;
    const [, ready, reason, restarts, age] = podCells(pod, now);
    assert.deepEqual([ready, reason, restarts, age], [...want, '60m']);
  });
}

test('the other columns of a pod', () => {
  const pod = {
    metadata: { name: 'web' },
    spec: { containers: [], nodeName: 'one', readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
    status: { podIPs: [{ ip: '10.0.0.1' }], nominatedNodeName: 'two', conditions: [{ type: 'b', status: 'True' }] },
  } as unknown as Pod;
  assert.deepEqual(podCells(pod, now).slice(4), ['<unknown>', '10.0.0.1', 'one', 'two', '1/2']);
});
