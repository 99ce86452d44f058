import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../api/core/v1/types.ts';
import { ResourceSlices } from '../../api/resource/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { nodeRestriction, refuseTokenToOtherNodes } from './node-restriction.ts';

const user = { name: 'system:node:one', groups: ['system:nodes'] };
const slice = (nodeName?: string) => ({ metadata: { name: 'it' }, spec: { ...(nodeName && { nodeName }) } });
const pod = (status: object) => ({ metadata: { name: 'it' }, spec: { nodeName: 'one' }, status });

const rows: readonly { name: string; ask: object; want?: string }[] = [
  { name: 'a slice of its own devices', ask: { type: ResourceSlices, operation: 'CREATE', object: slice('one') } },
  {
    name: 'a slice of devices of all nodes',
    ask: { type: ResourceSlices, operation: 'CREATE', object: slice() },
    want: 'resourceslices.resource.k8s.io "it" is forbidden: can only create ResourceSlice with the same NodeName as the requesting node',
  },
  {
    name: 'the end of the slice of another node',
    ask: { type: ResourceSlices, operation: 'DELETE', old: slice('two') },
    want: 'resourceslices.resource.k8s.io "it" is forbidden: can only delete ResourceSlice with the same NodeName as the requesting node',
  },
  {
    name: 'other claims of devices in the status of its pod',
    ask: {
      type: Pods,
      operation: 'UPDATE',
      subresource: 'status',
      old: pod({}),
      object: pod({ resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'b' }] }),
    },
    want: 'pods "it" is forbidden: node "one" cannot update resource claim statues',
  },
  {
    name: 'another claim of extended resources in the status of its pod',
    ask: {
      type: Pods,
      operation: 'UPDATE',
      subresource: 'status',
      old: pod({ extendedResourceClaimStatus: { resourceClaimName: 'a', requestMappings: [] } }),
      object: pod({}),
    },
    want: 'pods "it" is forbidden: node "one" cannot update extended resource claim status',
  },
];

for (const { name, ask, want } of rows)
  test(`an agent writes ${name}: ${want === undefined ? 'allowed' : 'refused'}`, () => {
    const request = { name: 'it', user, ...ask } as unknown as AdmissionRequest;
    const guard = () => void nodeRestriction.guard!(request, testContext().context);
    if (want === undefined) guard();
    else assert.throws(guard, { message: want });
  });

const driver = (name: string, audience: string) => ({
  kind: 'CSIDriver',
  metadata: { name },
  spec: { tokenRequests: [{ audience }] },
});
const { context } = testContext({
  objects: [
    driver('inline.example.com', 'inline'),
    driver('claimed.example.com', 'claimed'),
    driver('other.example.com', 'of others'),
    {
      kind: 'PersistentVolumeClaim',
      metadata: { namespace: 'default', name: 'data' },
      spec: { volumeName: 'pv' },
    } as KubeObject,
    {
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { claimRef: { namespace: 'default', name: 'data' }, csi: { driver: 'claimed.example.com' } },
    } as KubeObject,
    {
      kind: 'PersistentVolumeClaim',
      metadata: { namespace: 'default', name: 'foreign' },
      spec: { volumeName: 'of-others' },
    } as KubeObject,
    {
      kind: 'PersistentVolume',
      metadata: { name: 'of-others' },
      spec: { claimRef: { namespace: 'other', name: 'theirs' }, csi: { driver: 'other.example.com' } },
    } as KubeObject,
    {
      kind: 'Pod',
      metadata: { namespace: 'default', name: 'it', uid: 'u1' },
      spec: {
        nodeName: 'one',
        volumes: [
          { name: 'a', projected: { sources: [{ serviceAccountToken: { audience: 'vault' } }] } },
          { name: 'b', csi: { driver: 'inline.example.com' } },
          { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
          { name: 'd', persistentVolumeClaim: { claimName: 'foreign' } },
        ],
      },
    } as KubeObject,
  ],
});
for (const [audience, isWanted] of [
  ['vault', true],
  ['inline', true],
  ['claimed', true],
  ['of others', false],
  ['https://kubernetes.default.svc.cluster.local', false],
] as const)
  test(`an agent asks for a token for ${audience}: ${isWanted ? 'given' : 'refused'}`, () => {
    const account = { namespace: 'default', name: 'default' };
    const bound = { apiVersion: 'v1', kind: 'Pod', name: 'it', uid: 'u1' };
    const ask = () => refuseTokenToOtherNodes(user, account, bound, [audience], context);
    if (isWanted) ask();
    else
      assert.throws(ask, {
        message: `serviceaccounts "default" is forbidden: audience "${audience}" not found in pod spec volume, system:node:one is not authorized to request tokens for this audience`,
      });
  });
