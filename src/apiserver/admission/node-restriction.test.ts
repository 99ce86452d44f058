import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../api/core/v1/types.ts';
import { ResourceSlices } from '../../api/resource/v1/types.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { nodeRestriction } from './node-restriction.ts';

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
