import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod, type PodSpec, type ResourceRequirements } from '../../../src/api/core/v1/types.ts';
import { oneNode, type OneNode } from './one-node.ts';

const namespace = 'default';
const small: ResourceRequirements = {
  requests: { cpu: '100m', memory: '64Mi' },
  limits: { cpu: '200m', memory: '64Mi' },
};
const large: ResourceRequirements = { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } };

const podOf = (resources: ResourceRequirements, more: Partial<PodSpec['containers'][0]> = {}): Partial<PodSpec> => ({
  containers: [{ name: 'app', image: 'app', resources, ...more }],
});

/** Asks for other resources. */
async function resize({ call, client }: OneNode, name: string, resources: ResourceRequirements): Promise<void> {
  const body = { spec: { containers: [{ name: 'app', resources }] } };
  await call(client.patch(Pods, { namespace, name }, { type: 'strategic', body }, { subresource: 'resize' }));
}

/** How far the status says that the resize is, and what the container has. */
async function shown(cluster: OneNode, name: string): Promise<unknown[]> {
  const { status } = (await cluster.pod(name)) as Pod;
  const [app] = status!.containerStatuses!;
  const said = status!.conditions!.filter(({ type }) => type.startsWith('PodResize'));
  const conditions = said.map(({ type, reason }) => (reason === undefined ? type : `${type} ${reason}`));
  return [...conditions, app!.allocatedResources!['cpu'], app!.resources!.limits!['cpu'], app!.restartCount];
}

const text = (prefix: string, resources: ResourceRequirements, generation: number, error?: string) =>
  `${prefix}: ${JSON.stringify({ containers: [{ name: 'app', resources }], generation, ...(error && { error }) })}`;

test('a container gets other resources while it runs', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('web', podOf(small));
  await cluster.clock.advance(3000);
  assert.deepEqual(await shown(cluster, 'web'), ['100m', '200m', 0]);
  await resize(cluster, 'web', large);
  assert.deepEqual(await shown(cluster, 'web'), ['PodResizeInProgress', '500m', '200m', 0]);
  assert.equal(cluster.runtime.resources()['app']!.cpuQuota, 20_000);
  await cluster.clock.advance(3000);
  assert.deepEqual(await shown(cluster, 'web'), ['500m', '1', 0]);
  assert.equal(cluster.runtime.resources()['app']!.cpuQuota, 100_000);
  assert.deepEqual((await cluster.events('web')).slice(-2), [
    `Normal ResizeStarted ${text('Pod resize started', large, 2)}`,
    `Normal ResizeCompleted ${text('Pod resize completed', large, 2)}`,
  ]);
});

test('a container is restarted for its resources where it asks for that', async () => {
  await using cluster = await oneNode();
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
  await cluster.createPod('web', { ...podOf(small, { resizePolicy }), terminationGracePeriodSeconds: 1 });
  await cluster.clock.advance(3000);
  await resize(cluster, 'web', large);
  await cluster.clock.advance(10_000);
  assert.deepEqual(await shown(cluster, 'web'), ['500m', '1', 1]);
  assert.equal(cluster.runtime.resources()['app']!.cpuQuota, 100_000);
  const events = await cluster.events('web');
  assert.ok(events.includes('Normal Killing Container app resize requires restart'), events.join('\n'));
});

test('resources that the node has no room for wait until another pod goes', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('web', podOf(small));
  await cluster.createPod('other', podOf({ requests: { cpu: '1600m' } }));
  await cluster.clock.advance(3000);
  await resize(cluster, 'web', large);
  await cluster.clock.advance(3000);
  assert.deepEqual(await shown(cluster, 'web'), ['PodResizePending Deferred', '100m', '200m', 0]);
  const why = "Node didn't have enough resource: cpu, requested: 500, used: 1600, capacity: 2000";
  const events = await cluster.events('web');
  assert.equal(events.at(-1), `Warning ResizeDeferred ${text('Pod resize Deferred', large, 2, why)}`);
  await cluster.call(cluster.client.delete(Pods, { namespace, name: 'other' }, { gracePeriodSeconds: 1 }));
  await cluster.clock.advance(10_000);
  assert.deepEqual(await shown(cluster, 'web'), ['500m', '1', 0]);
  assert.equal(cluster.runtime.resources()['app']!.cpuQuota, 100_000);
});

test('the next kubelet goes on with a resize', async () => {
  await using cluster = await oneNode();
  await cluster.createPod('web', podOf(small));
  await cluster.clock.advance(3000);
  await resize(cluster, 'web', large);
  await cluster.restartKubelet();
  await cluster.clock.advance(5000);
  assert.deepEqual(await shown(cluster, 'web'), ['500m', '1', 0]);
  assert.equal(cluster.runtime.resources()['app']!.cpuQuota, 100_000);
});
