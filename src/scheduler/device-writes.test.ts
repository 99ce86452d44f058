import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../api/core/v1/types.ts';
import { ResourceClaims, type AllocationResult, type ResourceClaim } from '../api/resource/v1/types.ts';
import { refused } from '../apimachinery/status.ts';
import { silentLogger } from '../base/logger.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { createInformerFactory } from '../client/informer-factory.ts';
import { createClient } from '../client/typed-client.ts';
import { SmallServer } from '../reconciler/testing/small-server.ts';
import { DeviceWrites } from './device-writes.ts';
import { infoOf } from './testing/objects.ts';

const place = { driver: 'd', pool: 'p', device: 'x' };
const allocation: AllocationResult = {
  devices: {
    results: [{ request: 'r', ...place, bindingConditions: ['Ready'], bindingFailureConditions: ['Broken'] }],
  },
};
const claim: ResourceClaim = { metadata: { name: 'c', namespace: 'default' }, spec: {}, status: {} };
const pod = infoOf({ name: 'web' });

async function start() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const server = new SmallServer(clock, random);
  const client = createClient(server);
  const stop = new AbortController();
  const informers = createInformerFactory(client, { clock, random, log: silentLogger, signal: stop.signal });
  const claims = informers.informer(ResourceClaims);
  const made = await client.create(ResourceClaims, claim);
  await clock.settle();
  const writes = new DeviceWrites({ client, clock, signal: stop.signal, name: 'default-scheduler', claims });
  const report = async (type: string) => {
    const now = await client.get(ResourceClaims, made.metadata as { name: string });
    const condition = { type, status: 'True' as const, reason: 'Driver', message: 'it is', lastTransitionTime: '' };
    const status = { ...now.status, devices: [{ ...place, conditions: [condition] }] };
    await client.update(ResourceClaims, { ...now, status }, { subresource: 'status' });
  };
  return { clock, server, client, made, writes, report, stop };
}

test('a claim gets its devices, and is kept for the pod', async () => {
  const { clock, writes, made, stop } = await start();
  const given = await writes.give(pod, { claim: made, allocation });
  assert.deepEqual(given.metadata.finalizers, ['resource.kubernetes.io/delete-protection']);
  const { allocationTimestamp, ...devices } = given.status!.allocation!;
  assert.deepEqual(devices, allocation);
  assert.equal(Date.parse(allocationTimestamp!), Math.floor(clock.now() / 1000) * 1000);
  assert.deepEqual(given.status!.reservedFor, [{ resource: 'pods', name: 'web', uid: pod.uid }]);
  stop.abort();
});

test('a claim that somebody else has written meanwhile is tried again; one that he has allocated is not', async () => {
  const { clock, client, server, writes, made, stop } = await start();
  let conflicts = 2;
  server.check = ({ verb }) => {
    if (verb === 'update' && conflicts-- > 0) throw refused.stale(ResourceClaims, 'c');
  };
  const giving = writes.give(pod, { claim: made, allocation });
  await clock.advance(1000);
  const given = await giving;
  assert.equal(given.status!.reservedFor!.length, 1);
  await assert.rejects(writes.give(pod, { claim: given, allocation }), {
    message: 'claim default/c got allocated elsewhere in the meantime',
  });
  const now = await client.get(ResourceClaims, { namespace: 'default', name: 'c' });
  assert.equal(now.status!.reservedFor!.length, 1);
  stop.abort();
});

for (const { type, want } of [
  { type: 'Ready', want: 'ready' },
  { type: 'Broken', want: 'device binding failed: claim=c, reason=Driver, message="it is"' },
  { type: undefined, want: 'device binding timeout: claim=c' },
])
  test(`a pod waits for its devices: ${want}`, async () => {
    const { clock, writes, made, report, stop } = await start();
    const given = await writes.give(pod, { claim: made, allocation });
    let outcome = 'waiting';
    const waiting = writes.untilReady([given]).then(
      () => (outcome = 'ready'),
      (error: Error) => (outcome = error.message),
    );
    await clock.advance(1000);
    assert.equal(outcome, 'waiting');
    if (type !== undefined) await report(type);
    await clock.advance(type === undefined ? 600_000 : 1000);
    await waiting;
    assert.equal(outcome, want);
    stop.abort();
  });

test('a claim for extended resources is made under a name of its own, told to the pod, and removed whatever protects it', async () => {
  const { client, writes, stop } = await start();
  const web = await client.create(Pods, pod.pod as never);
  const planned = { ...claim, metadata: { name: '<x>', generateName: 'web-', namespace: 'default', uid: 'planned' } };
  const made = await writes.make(pod, planned);
  assert.match(made.metadata.name, /^web-.+/);
  assert.notEqual(made.metadata.uid, 'planned');
  await writes.give(pod, { claim: made, allocation });
  const mapping = { containerName: 'app', resourceName: 'example.com/gpu', requestName: 'r' };
  await writes.tellPod({ ...pod, pod: web }, made, [mapping]);
  const { status } = await client.get(Pods, { namespace: 'default', name: 'web' });
  const { name: resourceClaimName } = made.metadata;
  assert.deepEqual(status?.extendedResourceClaimStatus, { resourceClaimName, requestMappings: [mapping] });
  await writes.remove(pod, made);
  const { items } = await client.list(ResourceClaims);
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['c'],
  );
  await writes.remove(pod, made);
  stop.abort();
});
