import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, type Pod } from '../../api/core/v1/types.ts';
import {
  ResourceClaims,
  ResourceClaimTemplates,
  type ResourceClaim,
  type ResourceClaimTemplate,
} from '../../api/resource/v1/types.ts';
import { SmallCluster } from '../../reconciler/testing/small-cluster.ts';
import { deviceClaimMaker } from './claim-maker.ts';
import { deviceClaimReleaser } from './claim-releaser.ts';

interface Objects {
  readonly pods?: readonly Pod[];
  /** `uid`: of a pod that is there; of others the name. */
  readonly claims?: (uid: (pod: string) => string) => readonly ResourceClaim[];
  readonly templates?: readonly ResourceClaimTemplate[];
}

/** The claims that there are after a minute with these objects. */
async function claimsWith({
  pods = [],
  claims = () => [],
  templates = [],
}: Objects): Promise<readonly ResourceClaim[]> {
  await using cluster = new SmallCluster();
  const { client, clock } = cluster;
  const uids = new Map<string, string>();
  for (const pod of pods) uids.set(pod.metadata.name, (await client.create(Pods, pod)).metadata.uid!);
  for (const claim of claims((name) => uids.get(name) ?? name)) await client.create(ResourceClaims, claim);
  for (const template of templates) await client.create(ResourceClaimTemplates, template);
  cluster.start(deviceClaimMaker, deviceClaimReleaser);
  await clock.advance(60_000);
  return (await client.list(ResourceClaims)).items;
}

const namespace = 'default';
const allocation = { devices: { results: [{ request: 'r', driver: 'd', pool: 'p', device: 'x' }] } };
const finalizers = ['resource.kubernetes.io/delete-protection'];
const pod = (name: string, more: object = {}): Pod =>
  ({ metadata: { name, namespace, uid: name }, spec: { containers: [{ name: 'c' }], ...more } }) as Pod;
const user = (name: string, uid = name) => ({ resource: 'pods', name, uid });
const claim = (status: object, metadata: object = {}): ResourceClaim =>
  ({ metadata: { name: 'c', namespace, uid: 'c', ...metadata }, spec: {}, status }) as ResourceClaim;
const ownedBy = (uid: string) => [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true }];

test('a pod on a node without the scheduler gets its claim reserved', async () => {
  const bound = pod('bound', { nodeName: 'n', resourceClaims: [{ name: 'a', resourceClaimName: 'c' }] });
  const [found] = await claimsWith({ pods: [bound], claims: () => [claim({ allocation })] });
  assert.deepEqual(
    found!.status!.reservedFor!.map(({ resource, name }) => `${resource} ${name}`),
    ['pods bound'],
  );
});

test('pods that are gone or replaced are users no more; others stay, and so do the devices', async () => {
  const other = { apiGroup: 'example.com', resource: 'things', name: 'x', uid: 'x' };
  let uid = '';
  const [found] = await claimsWith({
    pods: [pod('here')],
    claims: (uidOf) => {
      uid = uidOf('here');
      const reservedFor = [user('here', uid), user('gone'), user('here', 'before'), other];
      return [claim({ allocation, reservedFor }, { finalizers })];
    },
  });
  assert.deepEqual(found!.status, { allocation, reservedFor: [user('here', uid), other] });
  assert.deepEqual(found!.metadata.finalizers, finalizers);
});

test('a claim that loses its last user loses its devices, and one that never had any keeps them', async () => {
  const [left] = await claimsWith({
    claims: () => [claim({ allocation, reservedFor: [user('gone')] }, { finalizers })],
  });
  assert.deepEqual(left!.status, {});
  assert.deepEqual(left!.metadata.finalizers ?? [], []);
  const [unused] = await claimsWith({ claims: () => [claim({ allocation }, { finalizers })] });
  assert.deepEqual(unused!.status, { allocation });
});

test('a claim that was made for a pod goes when the pod has ended', async () => {
  const ended = { ...pod('p', { nodeName: 'n' }), status: { phase: 'Succeeded' } } as Pod;
  const made = (uid: string) =>
    claim({ allocation, reservedFor: [user('p', uid)] }, { finalizers, ownerReferences: ownedBy(uid) });
  assert.deepEqual(await claimsWith({ pods: [ended], claims: (uid) => [made(uid('p'))] }), []);
});

test('a claim that was made before the pod could be told is not made again', async () => {
  const annotations = { 'resource.kubernetes.io/pod-claim-name': 'a' };
  const template = { metadata: { name: 't', namespace }, spec: { spec: {} } };
  const claims = await claimsWith({
    pods: [pod('p', { resourceClaims: [{ name: 'a', resourceClaimTemplateName: 't' }] })],
    claims: (uid) => [claim({}, { ownerReferences: ownedBy(uid('p')), annotations })],
    templates: [template],
  });
  assert.deepEqual(
    claims.map(({ metadata }) => metadata.name),
    ['c'],
  );
});
