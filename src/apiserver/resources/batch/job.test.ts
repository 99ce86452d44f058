import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpec } from '../../../api/batch/v1/types.ts';
import { anonymous } from '../../auth/auth.ts';
import { testContext } from '../../testing/context.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { job } from './job.ts';

const metadata = { name: 'it', namespace: 'default', uid: 'u-1' };
const containers = [{ name: 'work', image: 'work:v1' }];
const pods = (more: object = {}) => ({ spec: { restartPolicy: 'Never', containers, ...more } });
const withSpec = (spec: object) => ({ metadata, spec: { template: pods(), ...spec } });
const rule = (more: object) => ({ podFailurePolicy: { rules: [{ action: 'FailJob', ...more }] } });
const codes = (more: object) => rule({ onExitCodes: { operator: 'In', values: [1], ...more } });
const indexed = (more: object) => ({ completionMode: 'Indexed', completions: 3, ...more });
const success = (more: object) => indexed({ successPolicy: { rules: [more] } });
const rules = 'spec.podFailurePolicy.rules[0]';

const rows: readonly { readonly name: string; readonly spec: object; readonly want?: readonly string[] }[] = [
  { name: 'nothing but a template', spec: {} },
  {
    name: 'numbers below zero',
    spec: { parallelism: -1, completions: -1, backoffLimit: -1, ttlSecondsAfterFinished: -1 },
    want: ['parallelism', 'completions', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
      (name) => `spec.${name}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  },
  {
    name: 'exit codes that are none',
    spec: codes({ values: null }),
    want: [`${rules}.onExitCodes.values: Invalid value: null: at least one value is required`],
  },
  {
    name: 'pods that always restart',
    spec: { template: pods({ restartPolicy: 'Always' }) },
    want: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'an unknown completion mode',
    spec: { completionMode: 'Random' },
    want: ['spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"'],
  },
  {
    name: 'limits for indexes without indexes',
    spec: { backoffLimitPerIndex: 1, maxFailedIndexes: 2 },
    want: [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 2: requires indexed completion mode',
    ],
  },
  {
    name: 'more failed indexes than there are, and no limit for each',
    spec: indexed({ maxFailedIndexes: 4 }),
    want: [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions',
    ],
  },
  {
    name: 'very many indexes with a limit for each',
    spec: { ...indexed({ completions: 100_001, parallelism: 10_001, backoffLimitPerIndex: 1 }) },
    want: [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  },
  {
    name: 'indexed without a number',
    spec: { completionMode: 'Indexed', parallelism: 100_001 },
    want: [
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
  },
  {
    name: 'a manager without a domain',
    spec: { managedBy: 'me' },
    want: ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  },
  {
    name: 'an exit code of zero, twice, out of order, of a container that is not there',
    spec: codes({ containerName: 'other', values: [2, 0, 2] }),
    want: [
      `${rules}.onExitCodes.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
      `${rules}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
      `${rules}.onExitCodes.values[2]: Duplicate value: 2`,
      `${rules}.onExitCodes.values: Invalid value: [2,0,2]: must be ordered`,
    ],
  },
  {
    name: 'no exit code and an unknown operator',
    spec: codes({ operator: 'Near', values: [] }),
    want: [
      `${rules}.onExitCodes.operator: Unsupported value: "Near": supported values: "In", "NotIn"`,
      `${rules}.onExitCodes.values: Invalid value: []: at least one value is required`,
    ],
  },
  {
    name: 'a rule that asks for nothing',
    spec: rule({}),
    want: [`${rules}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`],
  },
  {
    name: 'a rule that asks for both',
    spec: rule({ onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'Bad' }] }),
    want: [`${rules}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
  },
  {
    name: 'a rule without an action, and one that fails an index of a job that does not count by index',
    spec: {
      podFailurePolicy: {
        rules: [{ onPodConditions: [{ type: 'Bad' }] }, { action: 'FailIndex', onPodConditions: [{ type: 'Bad' }] }],
      },
    },
    want: [
      `${rules}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
      'spec.podFailurePolicy.rules[1].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
  },
  {
    name: 'a failure policy of pods that restart by themselves, which replaces terminating ones',
    spec: {
      ...codes({}),
      template: pods({ restartPolicy: 'OnFailure' }),
      podReplacementPolicy: 'TerminatingOrFailed',
    },
    want: [
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
  },
  { name: 'a success policy', spec: success({ succeededIndexes: '0,2', succeededCount: 1 }) },
  {
    name: 'a success policy without indexes',
    spec: { successPolicy: { rules: [{ succeededCount: 1 }] } },
    want: [
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
    ],
  },
  {
    name: 'a success policy that wants more indexes than it names',
    spec: success({ succeededIndexes: '0-1', succeededCount: 3 }),
    want: [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
  },
  {
    name: 'a success policy that names an index too large',
    spec: success({ succeededIndexes: '0-3' }),
    want: [
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-3": error parsing succeededIndexes: too large index: "3"',
    ],
  },
  {
    name: 'a success policy without rules',
    spec: indexed({ successPolicy: { rules: [] } }),
    want: [
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
    ],
  },
  {
    name: 'a label of the pods that another job would have',
    spec: { template: { metadata: { labels: { 'job-name': 'other' } }, ...pods() } },
    want: [
      'spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u-1","batch.kubernetes.io/job-name":"it","controller-uid":"u-1","job-name":"other"}: must be \'it\'',
    ],
  },
];

for (const { name, spec, want = [] } of rows)
  test(`of a job with ${name}, ${want.length === 0 ? 'nothing is wrong' : 'the right thing is said'}`, () => {
    assert.deepEqual(complaintsAbout(job, withSpec(spec)), want);
  });

test('a name that cannot become that of a host with an index is refused', () => {
  const name = 'a'.repeat(62);
  assert.deepEqual(complaintsAbout(job, { ...withSpec(indexed({})), metadata: { ...metadata, name } }), [
    `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-2`,
  ]);
});

const manual = { manualSelector: true, selector: { matchLabels: { a: 'b' } } };
const template = (more: object = {}) => ({ metadata: { labels: { a: 'b' } }, ...pods(more) });
const before = (spec: object = {}, status?: object) => ({
  metadata,
  spec: { ...manual, template: template(), ...spec },
  ...(status && { status }),
});
const elsewhere = { template: template({ nodeSelector: { disk: 'ssd' } }) };
const larger = {
  template: template({ containers: [{ ...containers[0], resources: { requests: { cpu: '2' } } }] }),
};
const newer = { template: template({ containers: [{ name: 'work', image: 'work:v2' }] }) };
const isImmutable = /^spec\.template(\.spec)?: Invalid value: .*: field is immutable$/s;

const updates: readonly {
  readonly name: string;
  readonly old: object;
  readonly spec: object;
  readonly want?: readonly (string | RegExp)[];
}[] = [
  { name: 'another parallelism', old: before(), spec: { parallelism: 3, completions: 1 } },
  {
    name: 'other completions',
    old: before(),
    spec: { completions: 5, parallelism: 1 },
    want: ['spec.completions: Invalid value: 5: field is immutable'],
  },
  { name: 'more indexes and pods', old: before(indexed({})), spec: indexed({ completions: 5, parallelism: 5 }) },
  {
    name: 'more indexes than pods',
    old: before(indexed({})),
    spec: indexed({ completions: 5, parallelism: 3 }),
    want: ['spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism'],
  },
  { name: 'other nodes while it runs', old: before(), spec: elsewhere, want: [isImmutable] },
  { name: 'other nodes before it has begun', old: before({ suspend: true }), spec: { suspend: true, ...elsewhere } },
  { name: 'other resources before it has begun', old: before({ suspend: true }), spec: { suspend: true, ...larger } },
  {
    name: 'another image before it has begun',
    old: before({ suspend: true }),
    spec: { suspend: true, ...newer },
    want: [isImmutable],
  },
  {
    name: 'other nodes while its pods end',
    old: before({ suspend: true }, { active: 1, startTime: '2026-01-01T00:00:00Z' }),
    spec: { suspend: true, ...elsewhere },
    want: [isImmutable],
  },
  {
    name: 'another failure policy',
    old: before(),
    spec: codes({}),
    want: [
      'spec.podFailurePolicy: Invalid value: {"Rules":[{"Action":"FailJob","OnExitCodes":{"ContainerName":null,"Operator":"In","Values":[1]},"OnPodConditions":null}]}: field is immutable',
    ],
  },
  {
    name: 'another manager',
    old: before({ managedBy: 'acme.io/a' }),
    spec: { managedBy: 'acme.io/b' },
    want: ['spec.managedBy: Invalid value: "acme.io/b": field is immutable'],
  },
];

for (const { name, old, spec, want = [] } of updates)
  test(`${name}: ${want.length === 0 ? 'allowed' : 'refused'}`, () => {
    const got = complaintsAbout(job, before(spec), old);
    assert.equal(got.length, want.length, got.join('\n'));
    want.forEach((one, at) => (typeof one === 'string' ? assert.equal(got[at], one) : assert.match(got[at]!, one)));
  });

test('what an update of the spec gets wrong is told twice, as Kubernetes does', () => {
  const complaint = 'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0';
  assert.deepEqual(complaintsAbout(job, before({ backoffLimit: -1 }), before()), [complaint, complaint]);
});

test('what is unset is filled', () => {
  const of = (spec: object) => {
    const { template: _, ...rest } = completed<{ metadata: typeof metadata; spec: JobSpec }>(
      job as never,
      withSpec(spec),
    ).spec;
    return rest;
  };
  const usual = {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
    manualSelector: false,
  };
  const { completions: _, ...endless } = usual;
  assert.deepEqual(of({}), usual);
  assert.deepEqual(of({ parallelism: 2 }), { ...endless, parallelism: 2 });
  const perIndex = { ...usual, ...indexed({ backoffLimitPerIndex: 1 }), backoffLimit: 2147483647 };
  assert.deepEqual(of(indexed({ backoffLimitPerIndex: 1 })), perIndex);
  const policy = of({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'Bad' }] }] } });
  assert.equal(policy.podReplacementPolicy, 'Failed');
  assert.equal(policy.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status, 'True');
});

const startTime = '2026-01-01T00:00:00Z';
test('a job without labels has those of its pods, with those that are made for them', () => {
  const { context } = testContext();
  const labelsOf = (spec: object, own?: object) => {
    const draft = completed(job, { ...withSpec(spec), metadata: { ...metadata, ...(own && { labels: own }) } });
    job.strategy.prepareForCreate!(draft, context, anonymous);
    job.strategy.canonicalize!(draft);
    return draft.metadata.labels;
  };
  const made = {
    'batch.kubernetes.io/controller-uid': 'u-1',
    'batch.kubernetes.io/job-name': 'it',
    'controller-uid': 'u-1',
    'job-name': 'it',
  };
  assert.deepEqual(labelsOf({}), made);
  assert.deepEqual(labelsOf({ template: { ...pods(), metadata: { labels: { app: 'a' } } } }), { ...made, app: 'a' });
  assert.deepEqual(labelsOf({ template: { ...pods(), metadata: { labels: { app: 'a' } } } }, { app: 'a' }), {
    app: 'a',
  });
});

const condition = (type: string) => ({ type, status: 'True' });

for (const [name, spec, status, cells] of [
  ['one that has begun', {}, { startTime }, ['Running', '0/1', '10s']],
  [
    'a finished one',
    {},
    { startTime, completionTime: '2026-01-01T00:00:05Z', succeeded: 1, conditions: [condition('Complete')] },
    ['Complete', '1/1', '5s'],
  ],
  [
    'a failed one',
    {},
    { startTime, conditions: [condition('FailureTarget'), condition('Failed')] },
    ['Failed', '0/1', '10s'],
  ],
  ['a suspended one', { suspend: true }, { conditions: [condition('Suspended')] }, ['Suspended', '0/1', '']],
  [
    'one that is to end',
    {},
    { startTime, conditions: [condition('SuccessCriteriaMet')] },
    ['SuccessCriteriaMet', '0/1', '10s'],
  ],
  ['a work queue', { parallelism: 3 }, {}, ['Running', '0/1 of 3', '']],
] as const)
  test(`the table shows ${name}`, () => {
    const object = { ...completed(job, withSpec(spec)), status } as never;
    assert.deepEqual(job.columns!.cells(object, Date.parse(startTime) + 10_000).slice(1, 4), cells);
  });
