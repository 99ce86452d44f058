import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ResourceClaim } from '../../../api/resource/v1/types.ts';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complaintsAbout, completed, writer } from '../../testing/definition.ts';
import { pod } from '../core/pod/pod.ts';
import { deviceClass } from './device-class.ts';
import { resourceClaimTemplate } from './resource-claim-template.ts';
import { resourceClaim } from './resource-claim.ts';
import { resourceSlice } from './resource-slice.ts';

/** An object, with what Kubernetes 1.36.3 complains about in it; with a status, what it complains about in that. */
interface Recorded {
  readonly name: string;
  readonly kind: string;
  readonly object: { readonly spec?: object; readonly status?: object };
  readonly want: readonly string[];
}

const kinds: Readonly<Record<string, ResourceDefinition<any>>> = {
  DeviceClass: deviceClass,
  ResourceClaim: resourceClaim,
  ResourceClaimTemplate: resourceClaimTemplate,
  ResourceSlice: resourceSlice,
};
const lines = readFileSync(new URL('recorded.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

for (const line of lines) {
  const { name, kind, object, want } = JSON.parse(line) as Recorded;
  test(`answers as Kubernetes does: ${name}`, () => {
    const found = object.status === undefined ? complaintsAbout(kinds[kind]!, object) : statusComplaints(object);
    // Kubernetes goes over maps in any order.
    assert.deepEqual([...found].sort(), want);
  });
}

function statusComplaints(object: object): string[] {
  const now = completed(resourceClaim, object);
  return resourceClaim.strategy.status!.validate!(now, { ...now, status: {} }, writer()).map(fieldErrorText);
}

const spec = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } };
const result = { request: 'r', driver: 'd.e', pool: 'p', device: 'x' };
const allocation = { devices: { results: [result] } };
const claimWith = (status: object) => completed(resourceClaim, { spec, status });

test('a claim asks for one device where it does not say how many, and tolerates taints by their value', () => {
  const request = { name: 'r', exactly: { deviceClassName: 'c', tolerations: [{ key: 'a' }] } };
  const { spec: made } = completed(resourceClaim, { spec: { devices: { requests: [request] } } });
  assert.deepEqual(made.devices!.requests![0]!.exactly, {
    deviceClassName: 'c',
    allocationMode: 'ExactCount',
    count: 1,
    tolerations: [{ key: 'a', operator: 'Equal' }],
  });
});

test('what a claim, its allocation and a slice are about does not change', () => {
  const other = { devices: { requests: [{ name: 'z', exactly: { deviceClassName: 'c' } }] } };
  const shown =
    '{"Devices":{"Requests":[{"Name":"z","Exactly":{"DeviceClassName":"c","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}';
  assert.deepEqual(complaintsAbout(resourceClaim, { spec: other }, { spec }), [
    `spec: Invalid value: ${shown}: field is immutable`,
  ]);
  assert.deepEqual(complaintsAbout(resourceClaimTemplate, { spec: { spec: other } }, { spec: { spec } }), [
    `spec: Invalid value: {"Spec":${shown}}: field is immutable`,
  ]);
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 };
  const slice = { driver: 'd', pool, nodeName: 'n' };
  const moved = { driver: 'e', pool: { ...pool, name: 'q' }, nodeName: 'm' };
  assert.deepEqual(complaintsAbout(resourceSlice, { spec: moved }, { spec: slice }), [
    'spec.pool.name: Invalid value: "q": field is immutable',
    'spec.driver: Invalid value: "e": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ]);
  const changed = claimWith({ allocation: { devices: { results: [{ ...result, device: 'y' }] } } });
  const { validate } = resourceClaim.strategy.status!;
  assert.deepEqual(validate!(changed, claimWith({ allocation }), writer()).map(fieldErrorText), [
    'status.allocation: Invalid value: {"Devices":{"Results":[{"Request":"r","Driver":"d.e","Pool":"p","Device":"y","AdminAccess":null,"Tolerations":null,"BindingConditions":null,"BindingFailureConditions":null,"ShareID":null,"ConsumedCapacity":null}],"Config":null},"NodeSelector":null,"AllocationTimestamp":null}: field is immutable',
  ]);
});

test('what drivers tell of devices goes with the devices', () => {
  const draft = claimWith({ devices: [{ driver: 'd.e', pool: 'p', device: 'x' }] });
  resourceClaim.strategy.status!.prepareForUpdate!(draft, claimWith({ allocation }), writer().context);
  assert.deepEqual(draft.status, {});
});

test('a status is written as far as the writer may: devices of drivers, allocations of all', () => {
  const asked: string[] = [];
  const authorizer = {
    authorize: ({ verb, subresource, name }: { verb: string; subresource?: string; name?: string }) => {
      asked.push(`${verb} ${subresource} ${name ?? ''}`.trim());
      return { allowed: false, denied: false, reason: 'no' } as const;
    },
  };
  const nodeSelector = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
  };
  const old = { allocation: { ...allocation, nodeSelector } };
  const now = { ...old, reservedFor: [{ resource: 'pods', name: 'a', uid: '1' }], devices: [result] };
  const user = {
    name: 'system:serviceaccount:default:driver',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': ['n'] },
  };
  const texts = (writes: ResourceClaim) =>
    resourceClaim.strategy.status!.validate!(writes, claimWith(old), writer({ authorizer, user })).map(fieldErrorText);
  const refusal = `resourceclaims.resource.k8s.io "d.e" is forbidden: User "${user.name}" cannot associated-node:update resource "resourceclaims/driver" in API group "resource.k8s.io" in the namespace "default": no`;
  assert.deepEqual(texts(claimWith(now)), [
    `status.allocation: Forbidden: changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="update" permission: resourceclaims.resource.k8s.io is forbidden: User "${user.name}" cannot update resource "resourceclaims/binding" in API group "resource.k8s.io" at the cluster scope: no`,
    `status.devices: Forbidden: changing status.devices requires resource="resourceclaims/driver", verb="[associated-node:update arbitrary-node:update]" permission: ${refusal}`,
  ]);
  assert.deepEqual(asked, ['update binding', 'associated-node:update driver d.e', 'arbitrary-node:update driver d.e']);
  assert.deepEqual(texts(claimWith(old)), []);
});

test('a table says how far a claim has come', () => {
  const state = (status: object, metadata: object = {}) =>
    resourceClaim.columns!.cells(
      completed(resourceClaim, { metadata: { name: 'it', ...metadata }, spec, status }),
      0,
    )[1];
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  assert.equal(state({}), 'pending');
  assert.equal(state({ allocation }), 'allocated');
  assert.equal(state({ allocation, reservedFor: [{}] }), 'allocated,reserved');
  assert.equal(state({}, { deletionTimestamp }), 'deleted');
  assert.equal(state({ allocation }, { deletionTimestamp }), 'deleted,allocated');
});

test('a taint is dated, and what is switched off is dropped', () => {
  const devices = [
    {
      name: 'a',
      attributes: { a: { strings: ['x'] } },
      nodeAllocatableResourceMappings: { cpu: {} },
      taints: [{ key: 'k', effect: 'NoSchedule' }],
    },
  ];
  const draft = completed(resourceSlice, { spec: { driver: 'd', allNodes: true, devices } });
  const { context } = writer();
  resourceSlice.strategy.prepareForCreate!(draft, context, { name: 'u', groups: [] });
  const { timeAdded } = draft.spec.devices![0]!.taints![0]!;
  assert.match(timeAdded!, /^\d{4}-/);
  assert.deepEqual(draft.spec.devices, [
    { name: 'a', attributes: { a: {} }, taints: [{ key: 'k', effect: 'NoSchedule', timeAdded }] },
  ]);
});

test('a pod tells only of claims that it has', () => {
  const podSpec = {
    containers: [{ name: 'c', image: 'i', resources: { requests: { 'a.b/c': '1' } } }],
    resourceClaims: [{ name: 'a', resourceClaimTemplateName: 't' }],
  };
  const found = (status: object) => {
    const object = completed(pod, { spec: podSpec, status });
    return pod.strategy.status!.validate!(object, { ...object, status: {} }, writer()).map(fieldErrorText);
  };
  assert.deepEqual(found({ resourceClaimStatuses: [{ name: 'a', resourceClaimName: 'x' }] }), []);
  assert.deepEqual(found({ resourceClaimStatuses: [{ name: 'q' }, { name: 'a' }, { name: 'a' }] }), [
    'status.resourceClaimStatuses[0].name: Invalid value: "q": must match the name of an entry in `spec.resourceClaims`',
    'status.resourceClaimStatuses[2].name: Duplicate value: "a"',
  ]);
  const mapping = { containerName: 'c', resourceName: 'a.b/c', requestName: 'r' };
  const extended = (requestMappings: object[], resourceClaimName = 'x') =>
    found({ extendedResourceClaimStatus: { resourceClaimName, requestMappings } });
  const at = 'status.extendedResourceClaimStatus';
  assert.deepEqual(extended([mapping]), []);
  assert.deepEqual(extended([], ''), [
    `${at}.requestMappings: Required value: at least one request mapping is required`,
    `${at}.resourceClaimName: Required value`,
  ]);
  assert.deepEqual(
    extended([mapping, mapping, { ...mapping, containerName: 'q' }, { ...mapping, resourceName: 'cpu' }]),
    [
      `${at}.requestMappings[1].containerName: Duplicate value: "c"`,
      `${at}.requestMappings[1].resourceName: Duplicate value: "a.b/c"`,
      `${at}.requestMappings[1].requestName: Duplicate value: "r"`,
      `${at}.requestMappings[2].containerName: Invalid value: "q": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
      `${at}.requestMappings[3].resourceName: Invalid value: "cpu": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests`,
    ],
  );
});

test('expressions of a large claim are read in turns, and complained about all the same', async () => {
  const wrong = { cel: { expression: 'device.x' } };
  const request = { name: 'r', exactly: { deviceClassName: 'c', selectors: [{ cel: { expression: 'true' } }, wrong] } };
  const claim = completed(resourceClaim, { spec: { devices: { requests: [request] } } });
  let turns = 0;
  await resourceClaim.strategy.examine!(claim, async () => void turns++);
  assert.equal(turns, 2);
  const [complaint, ...others] = resourceClaim.strategy.validate!(claim, undefined, writer().context);
  assert.equal(others.length, 0);
  assert.equal(complaint!.field, 'spec.devices.requests[0].exactly.selectors[1].cel.expression');
});
