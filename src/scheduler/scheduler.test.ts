import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Events, Namespaces, Nodes, Pods, type Event, type Pod } from '../api/core/v1/types.ts';
import type { ApiRequest } from '../apimachinery/request.ts';
import { refused } from '../apimachinery/status.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createClient } from '../client/typed-client.ts';
import { SmallServer } from '../reconciler/testing/small-server.ts';
import { startScheduler } from './scheduler.ts';
import { makeNode, makePod, type NodeParts, type PodParts } from './testing/objects.ts';

/** Bindings are the one thing that the small server does not know. */
class BindingServer extends SmallServer {
  refuseBinding: Error | undefined;

  override async call(request: ApiRequest): Promise<unknown> {
    if (request.subresource !== 'binding') return super.call(request);
    if (this.refuseBinding !== undefined) throw this.refuseBinding;
    const { type, namespace, name } = request;
    const key = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
    const pod = (await super.call({ verb: 'get', type, ...key })) as Pod;
    const { target } = request.body as { target: { name: string } };
    const spec = { ...pod.spec, nodeName: target.name };
    return super.call({ verb: 'update', type, ...key, body: { ...pod, spec } });
  }
}

async function setUp(nodes: Record<string, NodeParts>) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const random = new SeededRandom(1);
  const server = new BindingServer(clock, random);
  const client = createClient(server);
  const stop = new AbortController();
  await client.create(Namespaces, { metadata: { name: 'default' }, spec: {} });
  for (const [name, parts] of Object.entries(nodes)) await client.create(Nodes, makeNode(name, parts));
  const stopped = startScheduler({ client, clock, random, log: silentLogger, signal: stop.signal });
  await clock.settle();
  return {
    clock,
    server,
    client,
    stopped,
    add: async (parts: PodParts) => {
      await client.create(Pods, makePod(parts));
      await clock.settle();
    },
    pod: (name: string) => server.all(Pods).find(({ metadata }) => metadata.name === name),
    events: () =>
      sorted(server.all(Events)).map(
        ({ involvedObject, reason, message, count }) =>
          `${involvedObject.name} ${reason}${count === 1 ? '' : ` x${count}`}: ${message}`,
      ),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await stopped;
      await clock.settle();
      assert.equal(clock.pendingTimers, 0);
    },
  };
}

test('a pod gets a node, and an event says so', async () => {
  await using cluster = await setUp({ a: {} });
  await cluster.add({ name: 'web' });
  assert.equal(cluster.pod('web')?.spec.nodeName, 'a');
  assert.deepEqual(cluster.events(), ['web Scheduled: Successfully assigned default/web to a']);
  const [event] = cluster.server.all(Events);
  assert.deepEqual([event?.reportingComponent, event?.type, event?.action], ['default-scheduler', 'Normal', 'Binding']);
});

test('pods that were bound a moment ago count before the informer shows them', async () => {
  await using cluster = await setUp({ a: {}, b: {} });
  cluster.server.muted = false;
  for (let i = 0; i < 2; i++) await cluster.client.create(Pods, makePod({ name: `p${i}`, requests: { cpu: '3' } }));
  await cluster.clock.settle();
  assert.deepEqual(new Set([cluster.pod('p0')?.spec.nodeName, cluster.pod('p1')?.spec.nodeName]), new Set(['a', 'b']));
});

test('no pod goes to a cordoned node, even if equal ones were placed when it was free', async () => {
  await using cluster = await setUp({ a: {}, b: {} });
  await cluster.add({ name: 'before' });
  await cluster.client.update(Nodes, makeNode('b', { unschedulable: true }));
  for (const name of ['first', 'second', 'third']) {
    await cluster.add({ name });
    assert.equal(cluster.pod(name)?.spec.nodeName, 'a', name);
  }
});

test('a pod that fits nowhere says why, and gets its node when one comes to fit', async () => {
  await using cluster = await setUp({ a: {} });
  await cluster.add({ name: 'picky', spec: { nodeSelector: { disk: 'ssd' } } });
  const message =
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
  assert.deepEqual(cluster.pod('picky')?.status?.conditions, [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: 1,
      lastProbeTime: null,
    },
  ]);
  assert.deepEqual(cluster.events(), [`picky FailedScheduling: ${message}`]);

  await cluster.client.update(Nodes, makeNode('a', { labels: { disk: 'hdd' } }));
  await cluster.clock.settle();
  assert.equal(cluster.events().length, 1, 'it was not tried in vain');
  await cluster.client.update(Nodes, makeNode('a', { labels: { disk: 'ssd' } }));
  await cluster.clock.settle();
  assert.equal(cluster.pod('picky')?.spec.nodeName, 'a');
});

test('a pod whose claim is not there says so, in the words of 1.36', async () => {
  await using cluster = await setUp({ a: {} });
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }];
  await cluster.add({ name: 'web', spec: { volumes } });
  const message = '0/1 nodes are available: persistentvolumeclaim "none" not found. not found';
  assert.deepEqual(cluster.events(), [`web FailedScheduling: ${message}`]);
});

test('a full node takes the next pod when one goes', async () => {
  await using cluster = await setUp({ a: {} });
  await cluster.add({ name: 'first', requests: { cpu: '3' } });
  await cluster.add({ name: 'second', requests: { cpu: '3' } });
  assert.equal(cluster.pod('second')?.spec.nodeName, undefined);
  await cluster.client.delete(Pods, { namespace: 'default', name: 'first' });
  await cluster.clock.settle();
  assert.equal(cluster.pod('second')?.spec.nodeName, 'a');
});

test('a node that comes takes the pods that wait for it', async () => {
  await using cluster = await setUp({});
  await cluster.add({ name: 'early' });
  assert.deepEqual(cluster.events(), ['early FailedScheduling: no nodes available to schedule pods']);
  await cluster.client.create(Nodes, makeNode('late'));
  await cluster.clock.settle();
  assert.equal(cluster.pod('early')?.spec.nodeName, 'late');
});

test('pods that are gated, finished, going, or meant for another scheduler are left alone', async () => {
  await using cluster = await setUp({ a: {} });
  await cluster.add({ name: 'gated', spec: { schedulingGates: [{ name: 'x' }] } });
  await cluster.add({ name: 'elsewhere', spec: { schedulerName: 'someone-else' } });
  await cluster.add({ name: 'failed', status: { phase: 'Failed' } });
  await cluster.add({ name: 'going', terminating: true });
  assert.deepEqual(cluster.events(), []);
  for (const name of ['gated', 'elsewhere', 'failed', 'going'])
    assert.equal(cluster.pod(name)?.spec.nodeName, undefined);
});

test('a pod of higher priority makes room, and gets it when its victims are gone', async () => {
  await using cluster = await setUp({ a: {} });
  await cluster.add({ name: 'lesser', requests: { cpu: '3' } });
  const lesser = cluster.pod('lesser')!;
  await cluster.client.update(Pods, { ...lesser, metadata: { ...lesser.metadata, finalizers: ['test/slow'] } });
  await cluster.add({ name: 'important', requests: { cpu: '3' }, spec: { priority: 10 } });
  const victim = cluster.pod('lesser')!;
  assert.ok(victim.metadata.deletionTimestamp);
  const condition = victim.status?.conditions?.[0];
  assert.deepEqual(
    [condition?.type, condition?.reason, condition?.message],
    ['DisruptionTarget', 'PreemptionByScheduler', 'default-scheduler: preempting to accommodate a higher priority pod'],
  );
  assert.equal(cluster.pod('important')?.status?.nominatedNodeName, 'a');
  const uid = cluster.pod('important')!.metadata.uid;
  assert.deepEqual(cluster.events(), [
    'lesser Scheduled: Successfully assigned default/lesser to a',
    'important FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
    `lesser Preempted: Preempted by pod ${uid} on node a`,
  ]);
  await cluster.add({ name: 'sneaky', requests: { cpu: '1' } });
  await cluster.add({ name: 'late', requests: { cpu: '2' } });
  await cluster.client.update(Pods, { ...victim, metadata: { ...victim.metadata, finalizers: [] } });
  await cluster.clock.settle();
  assert.equal(cluster.pod('important')?.spec.nodeName, 'a');
  assert.equal(cluster.pod('sneaky')?.spec.nodeName, 'a');
  assert.equal(cluster.pod('late')?.spec.nodeName, undefined, 'the room was kept');
});

/** Node `a`, where a victim of `cpu` is slow to go, and an important pod that waits for the room. */
async function setUpWaiting(cpu: { victim: string; important: string }) {
  const cluster = await setUp({ a: {} });
  await cluster.add({ name: 'victim', requests: { cpu: cpu.victim } });
  const victim = cluster.pod('victim')!;
  await cluster.client.update(Pods, { ...victim, metadata: { ...victim.metadata, finalizers: ['test/slow'] } });
  await cluster.add({ name: 'important', requests: { cpu: cpu.important }, spec: { priority: 10 } });
  assert.equal(cluster.pod('important')?.status?.nominatedNodeName, 'a');
  return cluster;
}

test('when a pod that waits for room is deleted, whoever may have the room is tried again', async () => {
  await using cluster = await setUpWaiting({ victim: '2', important: '4' });
  await cluster.add({ name: 'next', requests: { cpu: '2' } });
  assert.equal(cluster.pod('next')?.spec.nodeName, undefined);
  await cluster.client.delete(Pods, { namespace: 'default', name: 'important' });
  await cluster.clock.settle();
  assert.equal(cluster.pod('next')?.spec.nodeName, 'a');
});

test('when a pod goes elsewhere than where room was made for it, the next gets that', async () => {
  await using cluster = await setUpWaiting({ victim: '2', important: '4' });
  await cluster.add({ name: 'next', requests: { cpu: '2' } });
  await cluster.client.create(Nodes, makeNode('b'));
  await cluster.clock.settle();
  assert.equal(cluster.pod('important')?.spec.nodeName, 'b');
  assert.equal(cluster.pod('next')?.spec.nodeName, 'a');
});

test('a more important pod takes over the room that was made for a lesser one', async () => {
  await using cluster = await setUpWaiting({ victim: '3', important: '3' });
  await cluster.add({ name: 'crucial', requests: { cpu: '3' }, spec: { priority: 20 } });
  await cluster.clock.settle();
  assert.equal(cluster.pod('crucial')?.status?.nominatedNodeName, 'a');
  assert.equal(cluster.pod('important')?.status?.nominatedNodeName ?? '', '');
  const victim = cluster.pod('victim')!;
  await cluster.client.update(Pods, { ...victim, metadata: { ...victim.metadata, finalizers: [] } });
  await cluster.clock.settle();
  assert.equal(cluster.pod('crucial')?.spec.nodeName, 'a');
});

test('many equal pods fill what there is, and those left over all say why', async () => {
  await using cluster = await setUp({ a: {}, b: {} });
  for (let i = 0; i < 10; i++) await cluster.client.create(Pods, makePod({ name: `p${i}`, requests: { cpu: '1' } }));
  await cluster.clock.settle();
  const pods = cluster.server.all(Pods) as Pod[];
  assert.deepEqual(
    ['a', 'b', undefined].map((name) => pods.filter(({ spec }) => spec.nodeName === name).length),
    [4, 4, 2],
  );
  const said = cluster.events().filter((text) => text.includes('FailedScheduling'));
  assert.equal(said.length, 2);
  for (const text of said)
    assert.match(text, /0\/2 nodes are available: 2 Insufficient cpu\. .* 2 No preemption victims/);
  await cluster.client.create(Nodes, makeNode('c'));
  await cluster.clock.settle();
  assert.equal((cluster.server.all(Pods) as Pod[]).filter(({ spec }) => spec.nodeName === 'c').length, 2);
});

test('pods of several sorts that come in turn fill the nodes evenly, and what one frees is used again', async () => {
  await using cluster = await setUp({ a: {}, b: {} });
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
  for (const [i, name] of names.entries())
    await cluster.client.create(Pods, makePod({ name, labels: { sort: `s${i % 2}` }, requests: { cpu: '1' } }));
  await cluster.clock.settle();
  const on = (node: string) => names.filter((name) => cluster.pod(name)?.spec.nodeName === node).length;
  assert.deepEqual([on('a'), on('b')], [4, 4]);
  const freed = cluster.pod('p3')!.spec.nodeName;
  await cluster.client.delete(Pods, { namespace: 'default', name: 'p3' }, { gracePeriodSeconds: 0 });
  await cluster.add({ name: 'late', labels: { sort: 's0' }, requests: { cpu: '1' } });
  await cluster.clock.settle();
  assert.equal(cluster.pod('late')?.spec.nodeName, freed);
});

test('a binding that is refused is tried again after a backoff, and frees the node meanwhile', async () => {
  await using cluster = await setUp({ a: {} });
  cluster.server.refuseBinding = refused.internal('no');
  await cluster.add({ name: 'web', requests: { cpu: '3' } });
  assert.deepEqual(cluster.events(), [
    'web FailedScheduling: binding rejected: running Bind plugin "DefaultBinder": Internal error occurred: no',
  ]);
  assert.equal(cluster.pod('web')?.status?.conditions?.[0]?.reason, 'SchedulerError');
  cluster.server.refuseBinding = undefined;
  await cluster.add({ name: 'other', requests: { cpu: '1' } });
  assert.equal(cluster.pod('other')?.spec.nodeName, 'a');
  await cluster.clock.advance(1000);
  assert.equal(cluster.pod('web')?.spec.nodeName, 'a');
});

/** Named after their object and the time, whose last digits are chance. */
function sorted(events: Event[]): Event[] {
  return events.toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
}
