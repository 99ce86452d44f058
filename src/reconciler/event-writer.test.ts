import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events } from '../api/core/v1/types.ts';
import type { KubeObject } from '../apimachinery/object.ts';
import { refused } from '../apimachinery/status.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createClient } from '../client/typed-client.ts';
import { createEventRecorder } from './event-writer.ts';
import { SmallServer } from './testing/small-server.ts';

function setUp() {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const stop = new AbortController();
  const dropped: string[] = [];
  const recorder = createEventRecorder({
    client: createClient(server),
    component: 'kubelet',
    host: 'node-1',
    clock,
    random,
    log: silentLogger,
    signal: stop.signal,
    onDropped: (component) => dropped.push(component),
  });
  const messages = () =>
    server
      .all(Events)
      .map(({ message, count }) => `${count} ${message}`)
      .sort();
  return { clock, server, recorder, stop, messages, dropped };
}

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'web', uid: 'u1', resourceVersion: '7' },
};

test('an event says who saw what about which object, and when', async () => {
  const { clock, server, recorder } = setUp();
  recorder.record(pod, 'Warning', 'BackOff', 'Back-off', { fieldPath: 'spec.containers{app}' });
  await clock.settle();
  const { metadata, apiVersion: _a, kind: _k, ...event } = server.all(Events)[0]!;
  assert.match(metadata.name, /^web\.[0-9a-f]{16}$/);
  assert.deepEqual(JSON.parse(JSON.stringify(event)), {
    involvedObject: {
      kind: 'Pod',
      namespace: 'default',
      name: 'web',
      uid: 'u1',
      apiVersion: 'v1',
      resourceVersion: '7',
      fieldPath: 'spec.containers{app}',
    },
    reason: 'BackOff',
    message: 'Back-off',
    type: 'Warning',
    source: { component: 'kubelet', host: 'node-1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    reportingComponent: 'kubelet',
    reportingInstance: 'node-1',
  });
});

test('equal events are counted, with the time of the last', async () => {
  const { clock, server, recorder, messages } = setUp();
  for (let i = 0; i < 3; i++) {
    recorder.record(pod, 'Normal', 'Pulled', 'Image is there');
    await clock.advance(1000);
  }
  assert.deepEqual(messages(), ['3 Image is there']);
  const { firstTimestamp, lastTimestamp } = server.all(Events)[0]!;
  assert.deepEqual([firstTimestamp, lastTimestamp], ['2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z']);
});

test('many different messages for one reason share an event from the tenth on', async () => {
  const { clock, server, recorder, messages } = setUp();
  for (let i = 1; i <= 12; i++) recorder.record(pod, 'Normal', 'Created', `Created ${i}`);
  await clock.settle();
  assert.equal(messages().length, 10);
  assert.equal(messages().at(-1), '3 (combined from similar events): Created 12');
  const reporters = server.all(Events).map(({ reportingComponent }) => reportingComponent);
  assert.deepEqual([reporters[0], reporters.at(-1)], ['kubelet', undefined]);
});

test('one object gets 25 events at once, then one in five minutes', async () => {
  const { clock, server, recorder } = setUp();
  for (let i = 1; i <= 40; i++) recorder.record(pod, 'Normal', `Reason${i}`, 'x');
  await clock.settle();
  assert.equal(server.all(Events).length, 25);
  await clock.advance(300_000);
  recorder.record(pod, 'Normal', 'Later', 'x');
  recorder.record({ ...pod, metadata: { ...pod.metadata, name: 'other', uid: 'u2' } }, 'Normal', 'Other', 'x');
  await clock.settle();
  assert.equal(server.all(Events).length, 27);
});

test('an event about an object without a namespace is kept in the namespace default', async () => {
  const { clock, server, recorder } = setUp();
  recorder.record(
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'n' } },
    'Normal',
    'NodeReady',
    'x',
  );
  await clock.settle();
  assert.equal(server.all(Events)[0]!.metadata.namespace, 'default');
});

test('a refusal drops the event, a lost connection delays it', async () => {
  const { clock, server, recorder, messages, stop } = setUp();
  server.check = () => {
    throw refused.forbidden(Events, '', 'the namespace is being terminated');
  };
  recorder.record(pod, 'Normal', 'A', 'refused');
  await clock.settle();
  server.check = () => {
    throw new Error('connection refused');
  };
  recorder.record(pod, 'Normal', 'B', 'delayed');
  await clock.advance(15_000);
  server.check = () => {};
  await clock.advance(10_000);
  assert.deepEqual(messages(), ['1 delayed']);
  stop.abort();
  await recorder.flushed();
  assert.equal(clock.pendingTimers, 0);
});

test('an event that is counted up but gone from the server is made again', async () => {
  const { clock, server, recorder, messages } = setUp();
  recorder.record(pod, 'Normal', 'A', 'x');
  await clock.settle();
  await createClient(server).delete(Events, server.all(Events)[0]!.metadata);
  recorder.record(pod, 'Normal', 'A', 'x');
  await clock.settle();
  assert.deepEqual(messages(), ['2 x']);
});

test('events beyond a thousand that wait, and those that are refused, are dropped and told of', async () => {
  const { clock, server, recorder, messages, dropped } = setUp();
  const about = (i: number): KubeObject => ({ ...pod, metadata: { ...pod.metadata, name: `p${i}`, uid: `u${i}` } });
  for (let i = 0; i < 1003; i++) recorder.record(about(i), 'Normal', 'A', 'x');
  assert.deepEqual(dropped, ['kubelet', 'kubelet', 'kubelet']);
  await clock.settle();
  assert.equal(messages().length, 1000);
  server.check = () => {
    throw refused.forbidden(Events, '', 'no');
  };
  recorder.record(pod, 'Normal', 'B', 'refused');
  await clock.settle();
  assert.equal(dropped.length, 4);
});

test('a name that is taken is given another letter', async () => {
  const { clock, server, recorder } = setUp();
  let isFirst = true;
  server.check = ({ verb }) => {
    if (verb !== 'create' || !isFirst) return;
    isFirst = false;
    throw refused.alreadyExists(Events, 'web');
  };
  recorder.record(pod, 'Normal', 'A', 'x');
  await clock.settle();
  assert.match(server.all(Events)[0]!.metadata.name, /^web\.[0-9a-f]{17}$/);
});
