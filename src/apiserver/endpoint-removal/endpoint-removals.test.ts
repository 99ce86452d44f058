import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { testContext } from '../testing/context.ts';
import { EndpointRemovals, type EndpointRemoval } from './endpoint-removals.ts';

const service = {
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' } },
};
const pod: Pod & KubeObject = {
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u1', labels: { app: 'web' } },
  spec: { containers: [] },
  status: { phase: 'Running', podIP: '10.244.1.2', conditions: [{ type: 'Ready', status: 'True' }] },
};

function slice(conditions: { ready: boolean; terminating: boolean } | undefined): KubeObject {
  const endpoint = { addresses: ['10.244.1.2'], conditions, targetRef: { kind: 'Pod', uid: 'u1' } };
  return {
    kind: 'EndpointSlice',
    metadata: { name: 'web-x', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: conditions === undefined ? [] : [endpoint],
  } as KubeObject;
}
const offered = slice({ ready: true, terminating: false });
const leaving = slice({ ready: false, terminating: true });

function setting(...objects: object[]) {
  const clock = new VirtualClock();
  const cluster = testContext({ clock, objects: objects as KubeObject[] });
  const endpointRemovals = new EndpointRemovals(cluster.context);
  const told: (EndpointRemoval & { afterMs: number })[] = [];
  return {
    ...cluster,
    clock,
    told,
    reporters: endpointRemovals.reporters,
    ask(uid = 'u1', signal?: AbortSignal) {
      const began = clock.now();
      void endpointRemovals
        .of({ pod: pod.metadata, uid, timeoutMs: 2000, ...(signal && { signal }) })
        .then((answer) => told.push({ ...answer, afterMs: clock.now() - began }));
      return clock.settle();
    },
  };
}

test('a pod of no Service is answered at once', async () => {
  const { ask, told, clock } = setting(pod);
  await ask();
  assert.deepEqual(told, [{ outcome: 'no endpoints', afterMs: 0 }]);
  assert.equal(clock.pendingTimers, 0);
});

test('so is a pod that has made way for another of its name, and one that is gone', async () => {
  const { ask, told, remove } = setting(service, pod, offered);
  await ask('u0');
  remove('Pod', 'shop/web-1');
  await ask();
  assert.deepEqual(
    told.map(({ outcome }) => outcome),
    ['no endpoints', 'no endpoints'],
  );
});

test('the endpoints of a pod are removed when its slice says so and everybody has applied that', async () => {
  const { ask, told, put, reporters, clock } = setting(service, pod, offered);
  const [one, two] = ['worker-1 kube-proxy', 'worker-2 kube-proxy'].map((name) => reporters.join(name, () => {}));
  one!.tell(3);
  two!.tell(3);
  await ask();
  await clock.advance(10);
  put(leaving); // revision 4
  one!.tell(4);
  await clock.advance(10);
  two!.tell(3);
  await clock.settle();
  assert.deepEqual(told, []);
  two!.tell(7);
  await clock.settle();
  assert.deepEqual(told, [{ outcome: 'removed', revision: 4, afterMs: 20 }]);
  one![Symbol.dispose]();
  two![Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});

test('without reporters the slices alone decide', async () => {
  const { ask, told, put } = setting(service, pod, offered);
  await ask();
  put(leaving);
  await ask();
  assert.deepEqual(
    told.map(({ outcome }) => outcome),
    ['removed', 'removed'],
  );
});

test('a young pod is waited for until its slice controller knows of its end', async () => {
  const { ask, told, put, clock } = setting(service, pod, slice(undefined));
  await ask();
  put(offered);
  await clock.settle();
  assert.deepEqual(told, []);
  put(leaving);
  await clock.settle();
  assert.deepEqual(told, [{ outcome: 'removed', revision: 5, afterMs: 0 }]);
});

test('a Service that goes takes the waiting with it', async () => {
  const { ask, told, remove, clock } = setting(service, pod);
  await ask();
  assert.deepEqual(told, []);
  remove('Service', 'shop/web');
  await clock.settle();
  assert.deepEqual(told, [{ outcome: 'no endpoints', afterMs: 0 }]);
});

test('who is late is named when the time is over', async () => {
  const { ask, told, clock, reporters } = setting(service, pod, leaving);
  reporters.join('worker-1 kube-proxy', () => {}).tell(3);
  const slow = reporters.join('worker-2 kube-proxy', () => {});
  await ask();
  await clock.advance(1900);
  slow.tell(2);
  await clock.advance(100);
  assert.deepEqual(told, [{ outcome: 'timed out', behind: ['worker-2 kube-proxy'], afterMs: 2000 }]);
});

test('slices that go on offering the pod are waited for no longer than that', async () => {
  const { ask, told, clock } = setting(service, pod, offered);
  await ask();
  await clock.advance(5000);
  assert.deepEqual(told, [{ outcome: 'timed out', afterMs: 2000 }]);
});

test('who goes silent counts no more', async () => {
  const { ask, told, clock, reporters } = setting(service, pod, leaving);
  const over: string[] = [];
  reporters.join('worker-1 kube-proxy', () => over.push('worker-1'));
  await clock.advance(2000);
  await ask();
  await clock.advance(1000);
  assert.deepEqual(over, ['worker-1']);
  assert.deepEqual(told, [{ outcome: 'removed', revision: 3, afterMs: 1000 }]);
});

test('who comes again takes his own place, and is waited for until he has applied something', async () => {
  const { ask, told, clock, reporters } = setting(service, pod, leaving);
  const over: string[] = [];
  const old = reporters.join('worker-1 kube-proxy', () => over.push('old'));
  old.tell(9);
  const young = reporters.join('worker-1 kube-proxy', () => over.push('young'));
  old.tell(9);
  await ask();
  assert.deepEqual([over, told], [['old'], []]);
  young.tell(undefined);
  young.tell(3);
  await clock.settle();
  assert.equal(told[0]?.outcome, 'removed');
});

test('a question whose asker has gone is forgotten', async () => {
  const { ask, clock } = setting(service, pod, offered);
  const gone = new AbortController();
  await ask('u1', gone.signal);
  gone.abort();
  await clock.settle();
  assert.equal(clock.pendingTimers, 0);
});
