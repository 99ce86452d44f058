import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceClaim } from '../../api/resource/v1/types.ts';
import { isFreeFor } from '../devices/pod-devices.ts';
import { infoOf, makeCluster, makeNode } from '../testing/objects.ts';
import { scores, verdicts } from '../testing/verdicts.ts';
import { dynamicResources } from './dynamic-resources.ts';

const pool = (name: string) => ({ name, generation: 1, resourceSliceCount: 1 });
const claims = { resourceClaims: [{ name: 'a', resourceClaimName: 'c' }] };
const claimOf = (more: Partial<ResourceClaim>): ResourceClaim => ({
  metadata: { name: 'c', namespace: 'default', uid: 'c' },
  spec: {},
  ...more,
});

/** Two nodes with a device each: `big` and `small`. */
function cluster(claim: ResourceClaim) {
  const state = makeCluster([makeNode('one'), makeNode('two')]);
  const { devices } = state;
  devices.classes.set('any', { metadata: { name: 'any' }, spec: {} });
  for (const [nodeName, name] of [
    ['one', 'small'],
    ['two', 'big'],
  ] as const)
    devices.setSlice({
      metadata: { name: nodeName },
      spec: {
        driver: 'd',
        nodeName,
        pool: pool(nodeName),
        devices: [{ name, attributes: { size: { string: name } } }],
      },
    });
  devices.setClaim(claim);
  return state;
}

const way = (size: string) => ({
  name: size,
  deviceClassName: 'any',
  allocationMode: 'ExactCount' as const,
  count: 1,
  selectors: [{ cel: { expression: `device.attributes["d"].size == "${size}"` } }],
});
const choosy = claimOf({
  spec: { devices: { requests: [{ name: 'r', firstAvailable: [way('big'), way('small')] }] } },
});

test('a pod without claims goes anywhere', () => {
  assert.deepEqual(verdicts(dynamicResources, {}, cluster(choosy)), { one: 'fits', two: 'fits' });
});

test('a node where the claim is served in a better way is the better node', () => {
  const state = cluster(choosy);
  assert.deepEqual(verdicts(dynamicResources, { spec: claims }, state), { one: 'fits', two: 'fits' });
  assert.deepEqual(scores(dynamicResources, { spec: claims }, state), { one: 87, two: 100 });
});

test('a claim that has its devices keeps the pod to where they can be used', () => {
  const nodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['two'] }] }],
  };
  const claim = claimOf({ status: { allocation: { nodeSelector } } });
  assert.deepEqual(verdicts(dynamicResources, { spec: claims }, cluster(claim)), {
    one: 'resourceclaim not available on the node',
    two: 'fits',
  });
});

test('a pod waits for its own claims, and for devices that others give back', () => {
  const pod = infoOf({ spec: claims });
  const state = cluster(choosy);
  const helps = (name: string, frees: boolean) =>
    dynamicResources.mayHelp!(pod, { type: 'devices-changed', claim: { namespace: 'default', name }, frees }, state);
  assert.deepEqual([helps('c', false), helps('other', false), helps('other', true)], [true, false, true]);
});

test('extended resources get devices where the node has none itself, unless a claim is left of a try before', () => {
  const state = cluster(claimOf({}));
  const { devices } = state;
  devices.classes.set('any', { metadata: { name: 'any' }, spec: { extendedResourceName: 'example.com/gpu' } });
  const pod = (count: number) => ({ requests: { 'example.com/gpu': String(count) } });
  assert.deepEqual(verdicts(dynamicResources, pod(1), state), { one: 'fits', two: 'fits' });
  const none = 'cannot allocate all claims';
  assert.deepEqual(verdicts(dynamicResources, pod(2), state), { one: none, two: none });

  const left = claimOf({
    metadata: {
      name: 'left',
      namespace: 'default',
      uid: 'left',
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid: infoOf({}).uid, controller: true }],
    },
  });
  devices.setClaim({ ...left, metadata: { ...left.metadata, namespace: 'other', uid: 'forged' } });
  assert.deepEqual(verdicts(dynamicResources, pod(1), state), { one: 'fits', two: 'fits' });
  devices.setClaim(left);
  const stale = 'cannot schedule extended resource claim';
  assert.deepEqual(verdicts(dynamicResources, pod(1), state), { one: stale, two: stale });
  assert.equal(isFreeFor(left, infoOf({})), true);
  const reservedFor = [{ resource: 'pods', name: 'other', uid: 'other' }];
  assert.equal(isFreeFor({ ...left, status: { reservedFor } }, infoOf({})), false, 'what another pod uses stays');
  devices.removeClaim(left);
  assert.deepEqual(verdicts(dynamicResources, pod(1), state), { one: 'fits', two: 'fits' });
});
