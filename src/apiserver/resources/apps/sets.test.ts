import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonSet, StatefulSet } from '../../../api/apps/v1/types.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { anonymous } from '../../auth/auth.ts';
import { testContext } from '../../testing/context.ts';
import { complaintsAbout, completed, writer } from '../../testing/definition.ts';
import { controllerRevision } from './controller-revision.ts';
import { daemonSet } from './daemon-set.ts';
import { statefulSet } from './stateful-set.ts';
import { templateGenerationAnnotation } from './template-generation.ts';

interface Row {
  readonly name: string;
  readonly kind: ResourceDefinition<any>;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const containers = [{ name: 'a', image: 'x' }];
const template = (spec = {}, labels: object = { app: 'a' }) => ({
  metadata: { labels },
  spec: { containers, ...spec },
});
const selector = { matchLabels: { app: 'a' } };
const workload = (more: object = {}) => ({ spec: { selector, template: template(), ...more } });
const rolling = (rollingUpdate: object) => workload({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
const field = 'spec.updateStrategy.rollingUpdate';
const unmatched = (labels: object) =>
  `spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``;
const fixed =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const rows: Row[] = [
  { name: 'as little as it takes', kind: daemonSet, object: workload(), want: [] },
  {
    name: 'no selector',
    kind: daemonSet,
    object: { spec: { template: template() } },
    want: [unmatched({ app: 'a' })],
  },
  {
    name: 'a selector of other pods',
    kind: daemonSet,
    object: workload({ template: template({}, { app: 'b' }) }),
    want: [unmatched({ app: 'b' })],
  },
  {
    name: 'a selector of all pods',
    kind: daemonSet,
    object: workload({ selector: {} }),
    want: ['spec.selector: Invalid value: {}: empty selector is invalid for daemonset'],
  },
  {
    name: 'a selector that cannot be used, told in the order of its fields',
    kind: statefulSet,
    object: workload({ selector: { matchExpressions: [{ operator: 'x', key: 'k' }], matchLabels: { app: 'a' } } }),
    want: [
      'spec.selector.matchExpressions[0].operator: Invalid value: "x": not a valid selector operator',
      'spec.selector: Invalid value: {"matchLabels":{"app":"a"},"matchExpressions":[{"key":"k","operator":"x"}]}',
    ],
  },
  {
    name: 'pods that end',
    kind: daemonSet,
    object: workload({ template: template({ restartPolicy: 'Never', activeDeadlineSeconds: 5 }) }),
    want: [
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported',
    ],
  },
  {
    name: 'surge beside pods that may miss, which is the default',
    kind: daemonSet,
    object: rolling({ maxSurge: 1 }),
    want: [`${field}.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero`],
  },
  { name: 'surge alone', kind: daemonSet, object: rolling({ maxSurge: '10%', maxUnavailable: 0 }), want: [] },
  {
    name: 'neither surge nor pods that may miss',
    kind: daemonSet,
    object: rolling({ maxUnavailable: '0%' }),
    want: [`${field}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`],
  },
  {
    name: 'a number as a text, which counts but must not be',
    kind: daemonSet,
    object: rolling({ maxUnavailable: '5' }),
    want: [
      `${field}.maxUnavailable: Invalid value: "5": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    ],
  },
  {
    name: 'more than all',
    kind: daemonSet,
    object: rolling({ maxUnavailable: '101%' }),
    want: [`${field}.maxUnavailable: Invalid value: "101%": must not be greater than 100%`],
  },
  {
    name: 'a strategy that there is not',
    kind: daemonSet,
    object: workload({ updateStrategy: { type: 'Recreate' } }),
    want: [
      'spec.updateStrategy: Unsupported value: {"type":"Recreate"}: supported values: "RollingUpdate", "OnDelete"',
    ],
  },
  {
    name: 'another selector',
    kind: daemonSet,
    old: workload(),
    object: workload({ selector: { matchLabels: { app: 'b' } } }),
    want: ['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable', unmatched({ app: 'a' })],
  },
  { name: 'as little as it takes', kind: statefulSet, object: workload(), want: [] },
  {
    name: 'no selector',
    kind: statefulSet,
    object: { spec: { template: template() } },
    want: ['spec.selector: Required value', unmatched({ app: 'a' })],
  },
  {
    name: 'everything wrong at once, in order',
    kind: statefulSet,
    object: workload({
      podManagementPolicy: 'Random',
      updateStrategy: { type: 'Recreate' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Keep' },
      replicas: -1,
      minReadySeconds: -1,
      ordinals: { start: -1 },
      serviceName: 'A',
      template: template({ restartPolicy: 'Never' }),
    }),
    want: [
      "spec.podManagementPolicy: Invalid value: \"Random\": must be 'OrderedReady' or 'Parallel'",
      'spec.updateStrategy: Invalid value: {"type":"Recreate"}: must be \'RollingUpdate\' or \'OnDelete\'',
      'spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
      `spec.serviceName: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  },
  {
    name: 'a share that is nothing',
    kind: statefulSet,
    object: rolling({ maxUnavailable: '0%' }),
    want: [`${field}.maxUnavailable: Invalid value: "0%": cannot be 0`],
  },
  {
    name: 'a partition of what is not rolled out',
    kind: statefulSet,
    object: workload({ updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } }),
    want: [`${field}: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate'`],
  },
  {
    name: 'labels of pods that are none, told twice as in Kubernetes',
    kind: statefulSet,
    object: workload({ template: template({}, { app: 'a', b: '-' }) }),
    want: Array(2).fill(
      `spec.template.labels: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ),
  },
  {
    name: 'a mounted claim of its own, and names that the controller gives',
    kind: statefulSet,
    object: workload({
      template: template({
        hostname: 'NO NAME',
        containers: [{ ...containers[0], volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      }),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    }),
    want: [],
  },
  {
    name: 'a claim that asks for nothing',
    kind: statefulSet,
    object: workload({ volumeClaimTemplates: [{ metadata: { name: 'data' } }] }),
    want: [
      'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required',
      'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
    ],
  },
  {
    name: 'what may change',
    kind: statefulSet,
    old: workload(),
    object: workload({ replicas: 3, minReadySeconds: 1, ordinals: { start: 2 }, revisionHistoryLimit: 1 }),
    want: [],
  },
  {
    name: 'the name of its Service',
    kind: statefulSet,
    old: workload({ serviceName: 'a' }),
    object: workload({ serviceName: 'b' }),
    want: [fixed],
  },
  {
    name: 'pods with faults that were stored before',
    kind: statefulSet,
    old: workload({ template: template({ containers: [{ name: 'a' }] }) }),
    object: workload({ replicas: 2, template: template({ containers: [{ name: 'a' }] }) }),
    want: [],
  },
  {
    name: 'a text for data',
    kind: controllerRevision,
    object: { revision: 1, data: 'a' },
    want: ['data: Required value: data must be a valid JSON object'],
  },
];

for (const { name, kind, object, old, want } of rows) {
  test(`${kind.type.kind}${old === undefined ? '' : ' changed'}: ${name}`, () => {
    assert.deepEqual(complaintsAbout(kind, object, old), want);
  });
}

test('defaults of a StatefulSet: ordered, rolling from the first pod on, claims kept', () => {
  const { spec } = completed<StatefulSet>(statefulSet, workload());
  const { selector: _selector, template: _template, ...rest } = spec!;
  assert.deepEqual(rest, {
    podManagementPolicy: 'OrderedReady',
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    replicas: 1,
    revisionHistoryLimit: 10,
  });
  const bare = completed<StatefulSet>(statefulSet, workload({ updateStrategy: { type: 'RollingUpdate' } }));
  assert.deepEqual(bare.spec!.updateStrategy, { type: 'RollingUpdate' });
});

test('a template of claims is kept as a whole claim, and warned of like one', () => {
  const claim = (storage: string) => ({ metadata: { name: 'data' }, spec: { resources: { requests: { storage } } } });
  const set = completed<StatefulSet>(statefulSet, workload({ volumeClaimTemplates: [claim('500m')] }));
  assert.deepEqual(set.spec!.volumeClaimTemplates, [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      ...claim('500m'),
      spec: { ...claim('500m').spec, volumeMode: 'Filesystem' },
      status: { phase: 'Pending' },
    },
  ]);
  const { warnings } = statefulSet.strategy;
  const text = (part: string) =>
    `spec.volumeClaimTemplates[0]${part}.resources.requests[storage]: fractional byte value "500m" is invalid, must be an integer`;
  assert.deepEqual(warnings!(set, undefined), [text('')]);
  assert.deepEqual(warnings!(set, set), [text('.Spec')]);
});

test('defaults of a DaemonSet: one pod may miss', () => {
  const { spec } = completed<DaemonSet>(daemonSet, workload());
  assert.deepEqual(spec!.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
});

test('a DaemonSet that replaces pods when they are deleted keeps bounds of rolling as numbers', () => {
  const kept = (rollingUpdate: object) =>
    completed<DaemonSet>(daemonSet, workload({ updateStrategy: { type: 'OnDelete', rollingUpdate } })).spec!
      .updateStrategy!;
  assert.deepEqual(kept({}).rollingUpdate, { maxUnavailable: 0, maxSurge: 0 });
  assert.deepEqual(kept({ maxUnavailable: 1 }).rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
});

const { context } = testContext();
const generation = ({ metadata }: DaemonSet) => metadata.annotations?.[templateGenerationAnnotation];

/** A DaemonSet as it is stored, with the annotation that the client sent. */
function created(sent?: string): DaemonSet {
  const annotations = sent === undefined ? {} : { annotations: { [templateGenerationAnnotation]: sent } };
  const draft = completed<DaemonSet>(daemonSet, { metadata: { name: 'a', ...annotations }, ...workload() });
  daemonSet.strategy.prepareForCreate!(draft, context, anonymous);
  return draft;
}

test('the template of a DaemonSet is counted in an annotation, whatever clients say', () => {
  assert.deepEqual(
    [undefined, '-3', '7'].map((sent) => generation(created(sent))),
    ['1', '1', '7'],
  );
  const old = created();
  const changed = (more: object, metadata: object = {}): string | undefined => {
    const draft = completed<DaemonSet>(daemonSet, { metadata: { name: 'a', ...metadata }, ...workload(more) });
    daemonSet.strategy.prepareForUpdate!(draft, old, context);
    return generation(draft);
  };
  const says = (count: string) => ({ annotations: { [templateGenerationAnnotation]: count } });
  assert.deepEqual([changed({}), changed({ minReadySeconds: 1 }, says('9'))], ['1', '1']);
  assert.equal(changed({ template: template({ hostNetwork: true }) }), '2');
  assert.throws(
    () => changed({}, says('x')),
    (error) =>
      isStatus(error, 'BadRequest') &&
      error.message ===
        'DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing "x": invalid syntax',
  );
});

test('the status of a StatefulSet must add up, and a DaemonSet cannot forget collisions', () => {
  const texts = (kind: ResourceDefinition<any>, status: object, old: object = {}) =>
    kind.strategy.status!.validate!(
      { ...workload(), status } as any,
      { ...workload(), status: old } as any,
      writer(),
    ).map(fieldErrorText);
  assert.deepEqual(texts(statefulSet, { replicas: 1, readyReplicas: 1, availableReplicas: 2, currentReplicas: -1 }), [
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas',
    'status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas',
  ]);
  assert.deepEqual(texts(daemonSet, { numberReady: -1 }, { collisionCount: 1 }), [
    'status.numberReady: Invalid value: -1: must be greater than or equal to 0',
    'status.collisionCount: Invalid value: 0: cannot be decremented',
  ]);
});
