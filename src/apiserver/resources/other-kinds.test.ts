import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStatus } from '../../apimachinery/status.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import { anonymous } from '../auth/auth.ts';
import { testContext } from '../testing/context.ts';
import { complaintsAbout, completed } from '../testing/definition.ts';
import { lease } from './coordination/lease.ts';
import { endpointSlice } from './discovery/endpoint-slice.ts';
import { ingressClass } from './networking/ingress-class.ts';
import { ingress } from './networking/ingress.ts';
import { runtimeClass } from './node/runtime-class.ts';
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { priorityClass } from './scheduling/priority-class.ts';

interface Row {
  readonly name: string;
  readonly kind: ResourceDefinition<any>;
  readonly object: Record<string, unknown>;
  readonly old?: Record<string, unknown>;
  readonly want: readonly string[];
}

const web = { service: { name: 'web', port: { number: 80 } } };
const path = (more: object) => ({
  spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: web, ...more }] } }] },
});
const backend = (defaultBackend: object) => ({ spec: { defaultBackend } });
const slice = (more: object) => ({ addressType: 'IPv4', ...more });

const rows: Row[] = [
  { name: 'a rule', kind: ingress, object: path({}), want: [] },
  {
    name: 'neither rules nor a backend',
    kind: ingress,
    object: {},
    want: ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  },
  {
    name: 'a host that is an address',
    kind: ingress,
    object: { spec: { rules: [{ host: '10.0.0.1' }] } },
    want: ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
  },
  {
    name: 'no type of path',
    kind: ingress,
    object: path({ pathType: undefined }),
    want: ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
  },
  {
    name: 'a path that climbs',
    kind: ingress,
    object: path({ path: '/a/../b' }),
    want: ['spec.rules[0].http.paths[0].path: Invalid value: "/a/../b": must not contain \'/../\''],
  },
  {
    name: 'a path that does not begin at the root',
    kind: ingress,
    object: path({ path: 'a', pathType: 'Exact' }),
    want: ['spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path'],
  },
  {
    name: 'a backend with both ports',
    kind: ingress,
    object: backend({ service: { name: 'web', port: { number: 80, name: 'http' } } }),
    want: ['spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
  },
  {
    name: 'two kinds of backend',
    kind: ingress,
    object: backend({ ...web, resource: { kind: 'X', name: 'y' } }),
    want: ['spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
  },
  {
    name: 'a class and another annotation',
    kind: ingress,
    object: {
      metadata: { name: 'it', annotations: { 'kubernetes.io/ingress.class': 'other' } },
      spec: { ingressClassName: 'nginx', defaultBackend: web },
    },
    want: [
      'annotations.kubernetes.io/ingress.class: Invalid value: "other": must match `ingressClassName` when both are specified',
    ],
  },
  { name: 'a controller', kind: ingressClass, object: { spec: { controller: 'example.com/c' } }, want: [] },
  { name: 'no controller', kind: ingressClass, object: {}, want: ['spec.controller: Required value'] },
  {
    name: 'a controller without a domain',
    kind: ingressClass,
    object: { spec: { controller: 'nginx' } },
    want: ['spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
  },
  {
    name: 'another controller',
    kind: ingressClass,
    object: { spec: { controller: 'a.b/c' } },
    old: { spec: { controller: 'a.b/d' } },
    want: ['spec.controller: Invalid value: "a.b/c": field is immutable'],
  },
  {
    name: 'parameters of no namespace',
    kind: ingressClass,
    object: { spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', scope: 'Namespace' } } },
    want: ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  },
  { name: 'no endpoints', kind: endpointSlice, object: slice({}), want: [] },
  { name: 'no type of address', kind: endpointSlice, object: {}, want: ['addressType: Required value'] },
  {
    name: 'an address of the other family',
    kind: endpointSlice,
    object: slice({ endpoints: [{ addresses: ['2001:db8::1'] }] }),
    want: ['endpoints[0].addresses: Invalid value: "2001:db8::1": must be an IPv4 address'],
  },
  {
    name: 'a loopback address',
    kind: endpointSlice,
    object: slice({ endpoints: [{ addresses: ['127.0.0.1'] }] }),
    want: [
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  },
  {
    name: 'ports without names',
    kind: endpointSlice,
    object: slice({ ports: [{ port: 1 }, { port: 2 }] }),
    want: ['ports[1].name: Duplicate value: ""'],
  },
  {
    name: 'another type of address',
    kind: endpointSlice,
    object: { addressType: 'IPv6', endpoints: [{ addresses: ['192.0.2.1'] }] },
    old: slice({ endpoints: [{ addresses: ['192.0.2.1'] }] }),
    want: ['addressType: Invalid value: "IPv6": field is immutable'],
  },
  { name: 'nothing', kind: podDisruptionBudget, object: {}, want: [] },
  {
    name: 'a share above all',
    kind: podDisruptionBudget,
    object: { spec: { maxUnavailable: '120%' } },
    want: ['spec.maxUnavailable: Invalid value: "120%": must not be greater than 100%'],
  },
  {
    name: 'less than nothing',
    kind: podDisruptionBudget,
    object: { spec: { minAvailable: -1 } },
    want: ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
  },
  {
    name: 'both bounds',
    kind: podDisruptionBudget,
    object: { spec: { minAvailable: 1, maxUnavailable: 1 } },
    want: [
      'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
    ],
  },
  {
    name: 'a value above that of users',
    kind: priorityClass,
    object: { value: 1_000_000_001 },
    want: ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  },
  {
    name: 'a name of the system',
    kind: priorityClass,
    object: { metadata: { name: 'system-mine' } },
    want: [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  },
  {
    name: 'a system class as it is',
    kind: priorityClass,
    object: { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 },
    want: [],
  },
  {
    name: 'another value',
    kind: priorityClass,
    object: { value: 5, preemptionPolicy: 'Never' },
    old: { value: 6 },
    want: [
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
  },
  {
    name: 'a bad handler, unknown overhead and a toleration twice',
    kind: runtimeClass,
    object: {
      handler: 'A_b',
      overhead: { podFixed: { gpu: '1' } },
      scheduling: { tolerations: Array(2).fill({ key: 'a', operator: 'Exists' }) },
    },
    want: [
      "handler: Invalid value: \"A_b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'overhead.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
      'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}',
    ],
  },
  {
    name: 'another handler',
    kind: runtimeClass,
    object: { handler: 'a' },
    old: { handler: 'b' },
    want: ['handler: Invalid value: "a": field is immutable'],
  },
  {
    name: 'no time at all',
    kind: lease,
    object: { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
    want: [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  {
    name: 'another controller, which is none',
    kind: ingressClass,
    old: { spec: { controller: 'example.com/c' } },
    object: { spec: { controller: 'x' } },
    want: [
      'spec.controller: Invalid value: "x": field is immutable',
      'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
  },
  {
    name: 'parameters with an empty scope, and with an empty namespace',
    kind: ingressClass,
    object: { spec: { controller: 'example.com/c', parameters: { kind: 'P', name: 'p', scope: '' } } },
    want: ['spec.parameters.scope: Unsupported value: "": supported values: "Cluster", "Namespace"'],
  },
  {
    name: 'an address that is none, and an empty protocol',
    kind: endpointSlice,
    object: slice({ endpoints: [{ addresses: ['x'] }], ports: [{ protocol: '' }] }),
    want: [
      'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"',
    ],
  },
  {
    name: 'an empty policy of preemption',
    kind: priorityClass,
    object: { value: 1, preemptionPolicy: '' },
    want: ['preemptionPolicy: Required value'],
  },
  {
    name: 'a toleration that compares',
    kind: runtimeClass,
    object: { handler: 'runc', scheduling: { tolerations: [{ key: 'a', operator: 'Gt', value: '1' }] } },
    want: [
      'scheduling.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"',
    ],
  },
];

for (const { name, kind, object, old, want } of rows)
  test(`${kind.type.kind} with ${name}`, () => assert.deepEqual(complaintsAbout(kind, object, old), want));

const cells: [ResourceDefinition<any>, Record<string, unknown>, unknown[]][] = [
  [
    ingress,
    {
      spec: {
        ingressClassName: 'nginx',
        rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })),
        tls: [{}],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.2' }, { hostname: 'h' }, { ip: '192.0.2.1' }] } },
    },
    ['it', 'nginx', 'a,b,c + 1 more...', '192.0.2.1,192.0.2.2,h', '80, 443', '<unknown>'],
  ],
  [ingress, backend(web), ['it', '<none>', '*', '', '80', '<unknown>']],
  [
    endpointSlice,
    slice({ endpoints: [{ addresses: ['192.0.2.1'] }, { addresses: ['192.0.2.2'] }], ports: [{ port: 80 }] }),
    ['it', 'IPv4', '80', '192.0.2.1,192.0.2.2', '<unknown>'],
  ],
  [endpointSlice, slice({}), ['it', 'IPv4', '<unset>', '<unset>', '<unknown>']],
  [podDisruptionBudget, { spec: { minAvailable: 2 } }, ['it', '2', 'N/A', 0, '<unknown>']],
  [priorityClass, { value: 7 }, ['it', 7, false, '<unknown>', 'PreemptLowerPriority']],
];

for (const [kind, object, want] of cells)
  test(`a row of ${kind.type.resource}: ${String(want.slice(1, 4))}`, () =>
    assert.deepEqual(kind.columns!.cells(completed(kind, object), 0), want));

test('the classes of the system stay', () => {
  const { context } = testContext();
  const critical = completed(priorityClass, { metadata: { name: 'system-node-critical' } });
  assert.throws(
    () => priorityClass.strategy.beforeDelete!(critical, context),
    (error) => isStatus(error, 'Forbidden'),
  );
  priorityClass.strategy.beforeDelete!(completed(priorityClass, {}), context);
});

test('what a lease has of a feature that is off is dropped', () => {
  const { context } = testContext();
  const made = completed(lease, { spec: { holderIdentity: 'a', strategy: 'x', preferredHolder: 'b' } });
  lease.strategy.prepareForCreate!(made, context, anonymous);
  assert.deepEqual(made.spec, { holderIdentity: 'a' });
});

test('a slice in the first version has no topology of the versions before', () => {
  const { context } = testContext();
  const made = completed(endpointSlice, slice({ endpoints: [{ addresses: [], deprecatedTopology: { zone: 'a' } }] }));
  endpointSlice.strategy.prepareForCreate!(made, context, anonymous);
  assert.deepEqual(made.endpoints, [{ addresses: [], conditions: {} }]);
});
