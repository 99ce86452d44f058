import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod, PodStatus } from '../../api/core/v1/types.ts';
import { ended, makeAttempt, makeContainer, makePod, makeSandbox, observe, situation } from '../testing/pods.ts';
import { planPod } from './plan.ts';
import { podStatus, type PodStatusSources } from './pod-status.ts';
import { noProbes } from './situation.ts';

const never = makePod({ restartPolicy: 'Never' });
const withInit = makePod({ initContainers: [makeContainer('first')] });
const crashing = { reason: 'CrashLoopBackOff', message: 'back-off', at: 0, retryAt: 0, containerId: 'app-0' };
const withStatus = (status: PodStatus, pod = makePod()): Pod => ({ ...pod, status });
const shown = (more: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'app',
  image: 'image:v1',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...more,
});
const late = { why: 'deadline', deadline: 0 } as const;
const tooLong = { reason: 'DeadlineExceeded', message: 'too long' };
const end = { why: 'deleted', deadline: 0 } as const;

const rows: { name: string; given: Partial<PodStatusSources>; want: string }[] = [
  { name: 'waits before it has begun', given: { observed: observe([], []) }, want: 'Pending app:ContainerCreating' },
  {
    name: 'waits for its init containers',
    given: { pod: withInit, observed: observe([makeAttempt('first')]) },
    want: 'Pending first:running app:PodInitializing',
  },
  {
    name: 'waits for its init containers again, in a new sandbox',
    given: {
      pod: withInit,
      observed: observe(
        [ended('first', 0, 1000), ended('app', 3, 1000), makeAttempt('first', { attempt: 1, sandboxId: 'sandbox-1' })],
        [makeSandbox(), makeSandbox({ id: 'sandbox-1' })],
      ),
    },
    want: 'Pending first:running after Completed(0) #1 app:Error(3)',
  },
  { name: 'runs', given: {}, want: 'Running app:running+' },
  {
    name: 'runs and is not ready',
    given: { health: () => ({ started: true, ready: false }) },
    want: 'Running app:running',
  },
  { name: 'has crashed', given: { observed: observe([ended('app', 3, 1000)]) }, want: 'Running app:Error(3)' },
  {
    name: 'waits for its next chance',
    given: { observed: observe([ended('app', 3, 1000)]), failures: new Map([['app', crashing]]) },
    want: 'Running app:CrashLoopBackOff after Error(3)',
  },
  {
    name: 'runs again',
    given: { observed: observe([ended('app', 3, 1000), makeAttempt('app', { attempt: 1 })]) },
    want: 'Running app:running+ after Error(3) #1',
  },
  {
    name: 'is being made anew',
    given: { observed: observe([ended('app', 3, 1000), makeAttempt('app', { attempt: 1, state: 'created' })]) },
    want: 'Running app:Error(3)',
  },
  {
    name: 'has failed and is started again, since its container says so for this exit code',
    given: {
      pod: makePod({
        restartPolicy: 'Never',
        containers: [
          makeContainer('app', {
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }],
          }),
        ],
      }),
      observed: observe([ended('app', 3, 1000)]),
    },
    want: 'Running app:Error(3)',
  },
  {
    name: 'has failed for good',
    given: { pod: never, observed: observe([ended('app', 3, 1000)]) },
    want: 'Failed app:Error(3)',
  },
  {
    name: 'has done its work',
    given: { pod: never, observed: observe([ended('app', 0, 1000)]) },
    want: 'Succeeded app:Completed(0)',
  },
  {
    name: 'was deleted and has ended',
    given: { end, ended: true, observed: observe([ended('app', 0, 1000)]) },
    want: 'Succeeded app:Completed(0)',
  },
  {
    name: 'was deleted while it waited',
    given: {
      end,
      ended: true,
      observed: observe([]),
      failures: new Map([['app', { ...crashing, reason: 'ErrImagePull' }]]),
    },
    want: 'Failed app:ContainerStatusUnknown(137)',
  },
  {
    name: 'was deleted before it has begun',
    given: { end, ended: true, observed: observe([], []) },
    want: 'Failed app:ContainerStatusUnknown(137)',
  },
  {
    name: 'was deleted before its first init container was made',
    given: {
      pod: makePod({ initContainers: [makeContainer('first'), makeContainer('second')] }),
      end,
      ended: true,
      observed: observe([], []),
    },
    want: 'Failed first:ContainerStatusUnknown(137) second:PodInitializing app:PodInitializing',
  },
  {
    name: 'was failed before its container was made',
    given: { end: late, ended: true, verdict: tooLong, observed: observe([], []) },
    want: 'Failed app:ContainerStatusUnknown(137) DeadlineExceeded',
  },
  {
    name: 'was failed while it waited for an image',
    given: {
      end: late,
      ended: true,
      verdict: tooLong,
      observed: observe([]),
      failures: new Map([['app', { ...crashing, reason: 'ErrImagePull' }]]),
    },
    want: 'Failed app:ContainerStatusUnknown(137) DeadlineExceeded',
  },
  {
    name: 'was failed before its second init container',
    given: {
      pod: makePod({ initContainers: [makeContainer('first'), makeContainer('second')] }),
      end: late,
      ended: true,
      verdict: tooLong,
      observed: observe([ended('first', 0, 1)]),
    },
    want: 'Failed first:Completed(0) second:PodInitializing app:PodInitializing DeadlineExceeded',
  },
  {
    name: 'has an init container that failed for good',
    given: { pod: makePod({ ...withInit.spec, restartPolicy: 'Never' }), observed: observe([ended('first', 1, 1)]) },
    want: 'Failed first:Error(1) app:PodInitializing',
  },
  {
    name: 'has a container that is nowhere to be found',
    given: {
      pod: withStatus({ containerStatuses: [shown({ restartCount: 2, state: { running: {} } })] }),
      observed: observe([], []),
    },
    want: 'Running app:ContainerCreating after ContainerStatusUnknown(137) #3',
  },
  {
    name: 'had ended before the kubelet restarted',
    given: {
      pod: withStatus({
        phase: 'Succeeded',
        containerStatuses: [shown({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })],
      }),
      observed: observe([], []),
    },
    want: 'Succeeded app:Completed(0)',
  },
  {
    name: 'ran for too long',
    given: {
      end,
      ended: true,
      observed: observe([ended('app', 0, 1)]),
      verdict: { reason: 'DeadlineExceeded', message: 'too long' },
    },
    want: 'Failed app:Completed(0) DeadlineExceeded',
  },
  {
    name: 'is rejected',
    given: { end: { why: 'rejected', deadline: 0 }, ended: true, verdict: { reason: 'OutOfcpu', message: 'no' } },
    want: 'Failed OutOfcpu',
  },
];
for (const { name, given, want } of rows)
  test(`status: a pod that ${name}`, () => assert.equal(textOf(statusOf(given)), want));

test('a status tells addresses, generation, class and times', () => {
  const pod = makePod({
    containers: [makeContainer('app', { resources: { requests: { cpu: '50m' }, limits: { memory: '1Mi' } } })],
  });
  const { conditions, containerStatuses, ...rest } = statusOf({ pod });
  assert.deepEqual(rest, {
    observedGeneration: 1,
    phase: 'Running',
    hostIP: '192.0.2.1',
    hostIPs: [{ ip: '192.0.2.1' }],
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    startTime: '1970-01-01T00:00:01Z',
    qosClass: 'Burstable',
    allocatedResources: { cpu: '50m' },
    resources: { limits: { memory: '1Mi' }, requests: { cpu: '50m' } },
  });
  assert.deepEqual(containerStatuses, [
    {
      name: 'app',
      state: { running: { startedAt: '1970-01-01T00:00:00Z' } },
      lastState: {},
      ready: true,
      started: true,
      restartCount: 0,
      image: 'image:v1',
      imageID: 'sha256:1',
      containerID: 'containerd://app-0',
      allocatedResources: { cpu: '50m' },
      resources: { requests: { cpu: '50m' }, limits: { memory: '1Mi' } },
    },
  ]);
  assert.equal(conditions?.[0]?.observedGeneration, 1);
});

test("a pod on the node's network has the node's address", () => {
  const given = {
    pod: makePod({ hostNetwork: true }),
    observed: observe([makeAttempt('app')], [makeSandbox({ ips: [] })]),
  };
  const { podIP, conditions } = statusOf(given);
  assert.deepEqual([podIP, conditions?.[0]?.status], ['192.0.2.1', 'True']);
});

test('readiness gates hold a ready pod back', () => {
  const pod = makePod({ readinessGates: [{ conditionType: 'a/b' }] });
  const ready = (one: Pod) => statusOf({ pod: one }).conditions!.find(({ type }) => type === 'Ready');
  assert.equal(ready(pod)?.message, 'corresponding condition of pod readiness gate "a/b" does not exist.');
  const closed = withStatus({ conditions: [{ type: 'a/b', status: 'False' }] }, pod);
  assert.equal(ready(closed)?.message, 'the status of pod readiness gate "a/b" is not "True", but False');
  assert.equal(ready(withStatus({ conditions: [{ type: 'a/b', status: 'True' }] }, pod))?.status, 'True');
});

test('a pod that was deleted before its container was made failed, and was not ready', () => {
  const { phase, conditions } = statusOf({ end, ended: true, observed: observe([], []) });
  const { reason, message } = conditions!.find(({ type }) => type === 'ContainersReady')!;
  assert.deepEqual([phase, reason, message], ['Failed', 'ContainersNotReady', 'containers with unready status: [app]']);
});

test('a condition keeps the time of its last change', () => {
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '1969-01-01T00:00:00Z' }];
  const times = statusOf({ pod: withStatus({ conditions }) }).conditions!.map(({ type, lastTransitionTime }) => [
    type,
    lastTransitionTime,
  ]);
  assert.deepEqual(Object.fromEntries(times)['Ready'], '1969-01-01T00:00:00Z');
  assert.deepEqual(Object.fromEntries(times)['Initialized'], '1970-01-01T00:00:05Z');
});

function statusOf(given: Partial<PodStatusSources>): PodStatus {
  return podStatus({
    pod: makePod(),
    observed: observe([makeAttempt('app')]),
    failures: new Map(),
    health: () => noProbes,
    end: undefined,
    runtimeName: 'containerd',
    now: 5000,
    acceptedAt: 1000,
    ended: false,
    verdict: undefined,
    hostIps: ['192.0.2.1'],
    ...given,
  });
}

function textOf({ phase, reason, initContainerStatuses = [], containerStatuses = [] }: PodStatus): string {
  const containers = [...initContainerStatuses, ...containerStatuses].map(
    ({ name, state, lastState, ready, restartCount }) => {
      const now = state?.running ? `running${ready ? '+' : ''}` : (state?.waiting?.reason ?? ended(state));
      const before = lastState?.terminated ? ` after ${ended(lastState)}` : '';
      return `${name}:${now}${before}${restartCount > 0 ? ` #${restartCount}` : ''}`;
    },
  );
  return [phase, ...containers, reason].filter(Boolean).join(' ');

  function ended(state: ContainerStatus['state']): string {
    return `${state?.terminated?.reason}(${state?.terminated?.exitCode})`;
  }
}

test('a status costs as much as the pod has containers, not their square', () => {
  const count = 3000;
  let reads = 0;
  const counted = <T extends { name: string }>(object: T): T => {
    const { name } = object;
    return Object.defineProperty(object, 'name', { enumerable: true, get: () => (reads++, name) });
  };
  const names = Array.from({ length: count }, (_, n) => `c${n}`);
  const pod = withStatus(
    { containerStatuses: names.map((name) => counted(shown({ name }))) },
    makePod({
      containers: names.map((name) => counted(makeContainer(name))),
      initContainers: names.map((name) => counted(makeContainer(`i-${name}`))),
    }),
  );
  const observed = observe(names.slice(0, count / 2).map((name) => counted(makeAttempt(name))));
  assert.equal(statusOf({ pod, observed }).containerStatuses?.length, count);
  planPod(situation({ pod, observed }));
  assert.ok(reads < 40 * count, `${reads} names were read for ${count} containers`);
});
