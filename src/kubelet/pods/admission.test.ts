import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, PodStatus } from '../../api/core/v1/types.ts';
import { admitPod, refuseResources } from './admission.ts';

const node = {
  spec: {},
  metadata: { name: 'n' },
  status: { allocatable: { cpu: '2', pods: '3', 'example.com/gpu': '1' } },
} as Node;
const pod = (requests: Record<string, string>, status?: PodStatus): Pod =>
  ({
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'app', resources: { requests } }] },
    ...(status && { status }),
  }) as Pod;
const byDevices = (resourceName: string): PodStatus => ({
  extendedResourceClaimStatus: {
    resourceClaimName: 'c',
    requestMappings: [{ containerName: 'app', requestName: 'r', resourceName }],
  },
});
const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } });
const implicit = 'deviceclass.resource.kubernetes.io/gpu';

for (const [what, wanted, reason] of [
  ['what the node has', pod({ cpu: '2', 'example.com/gpu': '1' }), undefined],
  ['too much of what the node has', pod({ 'example.com/gpu': '2' }), 'OutOfexample.com/gpu'],
  ['that much as devices', pod({ 'example.com/gpu': '2' }, byDevices('example.com/gpu')), undefined],
  ['an extended resource that the node does not know', pod({ 'example.com/nic': '2' }), undefined],
  ['a resource of Kubernetes that the node does not know', pod({ [implicit]: '1' }), `OutOf${implicit}`],
  ['huge pages, which it has none of', pod({ 'hugepages-2Mi': '2Mi' }), 'OutOfhugepages-2Mi'],
  ['devices by the name of their class', pod({ [implicit]: '1' }, byDevices(implicit)), undefined],
] as const)
  test(`a node that is asked for ${what} ${reason === undefined ? 'takes the pod' : 'refuses the pod'}`, () => {
    assert.equal(refuseResources(wanted, [], node)?.reason, reason);
  });

for (const [what, spec, verdict] of [
  ['groups merged with those of the image', { securityContext: { supplementalGroupsPolicy: 'Merge' } }, undefined],
  [
    'none but its own groups',
    { securityContext: { supplementalGroupsPolicy: 'Strict' } },
    {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node',
    },
  ],
  ['kernel parameters of its own', sysctl('net/ipv4/tcp_syncookies'), undefined],
  [
    'kernel parameters that others feel',
    sysctl('kernel.msgmax'),
    { reason: 'SysctlForbidden', message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted' },
  ],
  ['Linux', { os: { name: 'linux' } }, undefined],
  [
    'Windows',
    { os: { name: 'windows' } },
    {
      reason: 'PodOSNotSupported',
      message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
    },
  ],
] as const)
  test(`a pod that wants ${what} is ${verdict === undefined ? 'taken' : 'refused'}`, () => {
    const { metadata, spec: plain } = pod({});
    assert.deepEqual(admitPod({ metadata, spec: { ...plain, ...spec } }, [], node), verdict);
  });
