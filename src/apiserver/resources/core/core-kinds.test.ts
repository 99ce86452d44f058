import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema } from '../../../api/schema.ts';
import { decodeJson } from '../../../apimachinery/decode/decode.ts';
import { structureOf } from '../../../apimachinery/structure.ts';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { serviceAccount } from './service-account.ts';
import { anonymous } from '../../auth/auth.ts';
import { testContext } from '../../testing/context.ts';
import { complaintsAbout, completed, writer } from '../../testing/definition.ts';
import { controllerRevision } from '../apps/controller-revision.ts';
import { deployment } from '../apps/deployment.ts';
import { replicaSet } from '../apps/replica-set.ts';
import { event as newEvent } from '../events/event.ts';
import { configMap } from './config-map.ts';
import { endpoints } from './endpoints.ts';
import { event } from './event.ts';
import { namespace } from './namespace.ts';
import { node } from './node.ts';
import { replicationController } from './replication-controller.ts';
import { secret } from './secret.ts';

interface Row {
  readonly name: string;
  readonly kind: ResourceDefinition<any>;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const template = (spec = {}) => ({
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'a', image: 'x' }], ...spec },
});
const selector = { matchLabels: { app: 'a' } };
const workload = (more: object) => ({ spec: { selector, template: template(), ...more } });
const rolling = (rollingUpdate: object) => workload({ strategy: { type: 'RollingUpdate', rollingUpdate } });
const unmatched = '`selector` does not match template `labels`';
const about = { namespace: 'default', kind: 'Pod', name: 'web' };
const fresh = { eventTime: '2030-01-01T00:00:00.000000Z', reportingController: 'a.b/c', reportingInstance: 'i' };

const rows: Row[] = [
  { name: 'frozen and labelled', kind: configMap, old: { immutable: true }, object: { immutable: true }, want: [] },
  {
    name: 'frozen and thawed',
    kind: configMap,
    old: { immutable: true, data: { a: '1' } },
    object: { data: { a: '2' } },
    want: [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ],
  },
  {
    name: 'a key twice',
    kind: configMap,
    object: { data: { a: '' }, binaryData: { a: '' } },
    want: ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
  },
  {
    name: 'of another type, which needs more',
    kind: secret,
    old: {},
    object: { type: 'kubernetes.io/tls' },
    want: [
      'type: Invalid value: "kubernetes.io/tls": field is immutable',
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ],
  },
  {
    name: 'a pull secret that is no JSON, without showing it',
    kind: secret,
    object: { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'hello' } },
    want: [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'h\' looking for beginning of value',
    ],
  },
  {
    name: 'a finalizer without a domain',
    kind: namespace,
    object: { spec: { finalizers: ['x'] } },
    want: ['spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified'],
  },
  {
    name: 'a provider for another',
    kind: node,
    old: { spec: { providerID: 'a://1' } },
    object: { spec: { providerID: 'a://2' } },
    want: ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
  },
  {
    name: 'the same taint twice',
    kind: node,
    object: {
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
    },
    want: [
      'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be unique by key and effect pair',
    ],
  },
  {
    name: 'a subset without addresses',
    kind: endpoints,
    object: { subsets: [{ ports: [{ port: 80 }] }] },
    want: ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  },
  { name: 'about a pod', kind: event, object: { involvedObject: about }, want: [] },
  {
    name: 'about a pod elsewhere',
    kind: event,
    object: { involvedObject: { ...about, namespace: 'other' } },
    want: ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
  },
  {
    name: 'new, without an action',
    kind: newEvent,
    object: { regarding: about, reason: 'r', type: 'Normal', ...fresh },
    want: ['action: Required value'],
  },
  {
    name: 'new, with a note that changed',
    kind: newEvent,
    old: { regarding: about, reason: 'r', action: 'a', type: 'Normal', note: 'x', ...fresh },
    object: { regarding: about, reason: 'r', action: 'a', type: 'Normal', note: 'y', ...fresh },
    want: ['message: Invalid value: "y": field is immutable'],
  },
  {
    name: 'nothing at all',
    kind: deployment,
    object: {},
    want: [
      'spec.selector: Required value',
      `spec.template.metadata.labels: Invalid value: null: ${unmatched}`,
      'spec.template.spec.containers: Required value',
    ],
  },
  {
    name: 'another selector',
    kind: deployment,
    old: workload({}),
    object: workload({ selector: { matchLabels: { app: 'b' } } }),
    want: [
      `spec.template.metadata.labels: Invalid value: {"app":"a"}: ${unmatched}`,
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ],
  },
  {
    name: 'neither more nor fewer pods while rolling',
    kind: deployment,
    object: rolling({ maxSurge: 0, maxUnavailable: '0%' }),
    want: ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  },
  {
    name: 'pods that end',
    kind: replicaSet,
    object: workload({ template: template({ restartPolicy: 'Never' }) }),
    want: ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  },
  { name: 'labels as selector', kind: replicationController, object: { spec: { template: template() } }, want: [] },
  {
    name: 'no template',
    kind: replicationController,
    object: { spec: { selector: { app: 'a' } } },
    want: ['spec.template: Required value'],
  },
  {
    name: 'no data',
    kind: controllerRevision,
    object: { revision: 1 },
    want: ['data: Required value: data is mandatory'],
  },
];

for (const { name, kind, object, old, want } of rows) {
  test(`${kind.type.kind} ${kind.type.group}: ${name}`, () =>
    assert.deepEqual(complaintsAbout(kind, object, old), want));
}

test('status of a deployment must add up', () => {
  const was = completed(deployment, workload({}));
  const now = { ...was, status: { replicas: 1, readyReplicas: 2 } };
  assert.deepEqual(deployment.strategy.status!.validate!(now, was, writer()).map(fieldErrorText), [
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
});

test('status of a ReplicaSet counts no less than nothing that ends', () => {
  const was = completed(replicaSet, workload({}));
  const now = { ...was, status: { replicas: 0, terminatingReplicas: -1 } };
  assert.deepEqual(replicaSet.strategy.status!.validate!(now, was, writer()).map(fieldErrorText), [
    'status.terminatingReplicas: Invalid value: -1: must be greater than or equal to 0',
  ]);
});

test('a change of a ReplicationController is warned of for the pods as they were', () => {
  const made = (spec: object, generation: number) =>
    ({
      ...completed(replicationController, { spec: { template: template(spec) } }),
      metadata: { name: 'it', generation },
    }) as never;
  const doubtful = { terminationGracePeriodSeconds: -1 };
  const warnings = (object: never, old?: never) => replicationController.strategy.warnings!(object, old).length;
  assert.equal(warnings(made(doubtful, 1)), 1);
  assert.equal(warnings(made(doubtful, 2), made({}, 1)), 0);
  assert.equal(warnings(made({}, 2), made(doubtful, 1)), 1);
  assert.equal(warnings(made({}, 1), made(doubtful, 1)), 0);
});

test('null in the data of a secret is an empty text', () => {
  const { value } = decodeJson('{"data":{"a":null}}', structureOf(schema, secret.type.definition));
  assert.deepEqual(value['data'], { a: '' });
  assert.deepEqual(complaintsAbout(secret, value), []);
});

test('texts of a secret become data, and win', () => {
  const { data, stringData } = completed(secret, { data: { a: 'eA==' }, stringData: { a: 'wins', b: '' } });
  assert.deepEqual({ data, stringData }, { data: { a: 'd2lucw==', b: '' }, stringData: undefined });
});

test('a namespace names itself in a label', () => {
  const { metadata } = completed(namespace, {
    metadata: { name: 'a', labels: { [`kubernetes.io/metadata.name`]: 'x' } },
  });
  assert.deepEqual(metadata.labels, { 'kubernetes.io/metadata.name': 'a' });
});

test('namespaces that the cluster stands on cannot be deleted', () => {
  assert.throws(
    () => namespace.strategy.beforeDelete!({ metadata: { name: 'kube-system' }, spec: {} }, undefined as never),
    /namespaces "kube-system" is forbidden: this namespace may not be deleted/,
  );
});

test('both forms of an event are one object', () => {
  const { fromStored, toStored } = newEvent.storage!;
  const object = completed(newEvent, { apiVersion: 'events.k8s.io/v1', regarding: about, note: 'n', ...fresh });
  const stored = toStored(object);
  assert.equal((stored as { involvedObject?: unknown }).involvedObject, object.regarding);
  assert.deepEqual(fromStored(stored), object);
  assert.deepEqual(event.columns!.cells(completed(event, stored), Date.parse('2030-01-01T00:01:00Z')), [
    '60s',
    '',
    '',
    'pod/web',
    '',
    'a.b/c, i',
    'n',
    '60s',
    1,
    'it',
  ]);
});

test('columns of a node', () => {
  const object = completed(node, {
    metadata: { name: 'one', labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/a': '' } },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.1' }],
    },
  });
  assert.deepEqual(node.columns!.cells(object, 0).slice(0, 7), [
    'one',
    'NotReady,SchedulingDisabled',
    'a,control-plane',
    '<unknown>',
    '',
    '192.0.2.1',
    '<none>',
  ]);
});

test('secrets of a service account are named, and nothing else is said of them', () => {
  const { context } = testContext();
  const made = completed(serviceAccount, { secrets: [{ name: 'a', kind: 'Secret', namespace: 'b' }, {}] });
  serviceAccount.strategy.prepareForUpdate!(made, made, context);
  assert.deepEqual(made.secrets, [{ name: 'a' }, {}]);
});

test('a service account that is bound to its secrets is warned of, when it comes to be', () => {
  const bound = {
    metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
  } as never;
  const warnings = (old?: never) => serviceAccount.strategy.warnings!(bound, old).length;
  assert.deepEqual([warnings(), warnings(bound), warnings({ metadata: { name: 'a' } } as never)], [1, 0, 1]);
});

test("of a node's ranges for pods the older field counts, and no configuration is kept", () => {
  const { context } = testContext();
  const made = completed(node, { spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['x'], configSource: {} } });
  node.strategy.prepareForCreate!(made, context, anonymous);
  assert.deepEqual(made.spec, { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] });
});
