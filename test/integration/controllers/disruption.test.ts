import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DaemonSets, Deployments, StatefulSets } from '../../../src/api/apps/v1/types.ts';
import { Events, Pods } from '../../../src/api/core/v1/types.ts';
import { PodDisruptionBudgets, type PodDisruptionBudgetSpec } from '../../../src/api/policy/v1/types.ts';
import type { KubeObject, OwnerReference } from '../../../src/apimachinery/object.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

let cluster: TestCluster;
before(async () => {
  cluster = await startTestCluster({ nodes: 0 });
});
after(() => cluster[Symbol.asyncDispose]());

const namespace = 'default';
const containers = [{ name: 'app', image: 'app' }];

/** An owner of the kind; of kinds that are served it is made. */
async function ownerOf(kind: string, name: string): Promise<KubeObject> {
  const { client } = cluster;
  const metadata = { name, namespace };
  const selector = { matchLabels: { of: name } };
  const template = { metadata: { labels: { of: name } }, spec: { containers } };
  if (kind === 'StatefulSet')
    return client.create(StatefulSets, { metadata, spec: { selector, template, replicas: 4 } });
  if (kind === 'Deployment') return client.create(Deployments, { metadata, spec: { selector, template, replicas: 4 } });
  if (kind === 'DaemonSet') return client.create(DaemonSets, { metadata, spec: { selector, template } });
  return { apiVersion: 'example.com/v1', kind, metadata: { ...metadata, uid: 'nowhere' } };
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return { apiVersion: apiVersion!, kind: kind!, name: metadata.name, uid: metadata.uid!, controller: true };
}

/** The condition, and how many pods are expected, of a budget over one pod of that owner. */
async function accountOf(name: string, owner: OwnerReference | undefined, spec: PodDisruptionBudgetSpec) {
  const { client, clock } = cluster;
  const budget = { metadata: { name, namespace }, spec: { selector: { matchLabels: { app: name } }, ...spec } };
  await client.create(PodDisruptionBudgets, budget);
  // Its name and labels are such that the owner does not let it go.
  const labels = { app: name, ...(owner && { of: owner.name }) };
  const metadata = { name: `${owner?.name ?? name}-9`, namespace, labels, ...(owner && { ownerReferences: [owner] }) };
  await client.create(Pods, { metadata, spec: { containers } });
  await clock.advance(1000);
  const { status } = await client.get(PodDisruptionBudgets, { namespace, name });
  const [condition] = status?.conditions ?? [];
  const { items } = await client.list(Events, { namespace });
  const told = items.filter(({ involvedObject: about }) => about.kind === 'PodDisruptionBudget' && about.name === name);
  return {
    told: told.map(({ type, reason, message }) => `${type} ${reason} ${message}`),
    says: [condition?.reason, condition?.message, status?.expectedPods, status?.disruptionsAllowed],
  };
}

const nothingYet = 'Normal NoPods No matching pods found';
const share = { maxUnavailable: 1 };

for (const [kind, name] of [
  ['StatefulSet', 'a'],
  ['Deployment', 'b'],
]) {
  test(`a ${kind} that owns pods says how many there should be`, async () => {
    const owner = referenceTo(await ownerOf(kind!, `owner-${name}`));
    const { says, told } = await accountOf(name!, owner, { minAvailable: '50%' });
    assert.deepEqual([says, told], [['InsufficientPods', '', 4, 0], [nothingYet]]);
  });
}

for (const [kind, why] of [
  ['DaemonSet', 'daemonsets.apps does not implement the scale subresource'],
  ['Backup', 'no matches for kind "Backup" in version "example.com/v1"'],
]) {
  test(`a budget over pods of a ${kind} says why it cannot be counted`, async () => {
    const owner = referenceTo(await ownerOf(kind!, `owner-${kind!.toLowerCase()}`));
    const { says, told } = await accountOf(kind!.toLowerCase(), owner, share);
    assert.deepEqual(says, ['SyncFailed', why, 0, 0]);
    const message = `Failed to calculate the number of expected pods: ${why}`;
    assert.deepEqual(told, [nothingYet, `Warning CalculateExpectedPodCountFailed ${message}`]);
  });
}

test('an owner of the name, but not the one that is meant', async () => {
  const owner = { ...referenceTo(await ownerOf('StatefulSet', 'owner-c')), uid: 'another' };
  const { told } = await accountOf('c', owner, share);
  const why = 'Failed to calculate the number of expected pods: found no controllers for pod "owner-c-9"';
  assert.ok(told.includes(`Warning CalculateExpectedPodCountFailed ${why}`));
});

test('pods that nobody owns count for nothing, and the budget is told', async () => {
  const { says, told } = await accountOf('d', undefined, share);
  assert.deepEqual(says, ['InsufficientPods', '', 0, 0]);
  assert.equal(told.length, 2);
  assert.match(
    told[1]!,
    /^Warning UnmanagedPods Pods selected .* \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: d,\},/,
  );
});

test('a number of pods needs no owner', async () => {
  const { says, told } = await accountOf('e', undefined, { minAvailable: 1 });
  assert.deepEqual([says, told], [['InsufficientPods', '', 1, 0], [nothingYet]]);
});
