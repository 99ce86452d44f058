import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recorded } from '../../bootstrap/recorded.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { flowSchema } from './flow-schema.ts';
import { priorityLevelConfiguration } from './priority-level-configuration.ts';

const level = { priorityLevelConfiguration: { name: 'p' } };
const subjects = [{ kind: 'User', user: { name: 'u' } }];
const resources = { verbs: ['get'], apiGroups: ['*'], resources: ['*'], namespaces: ['a'] };
const withRule = (rule: object) => ({ ...level, rules: [{ subjects, resourceRules: [resources], ...rule }] });
const verbs = '"create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';
const rule = 'spec.rules[0]';

/** As Kubernetes 1.36.3 answers them. */
const schemas: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', level, []],
  ['no level', {}, ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level']],
  [
    'a negative precedence',
    { ...level, matchingPrecedence: -1 },
    ['spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
  ],
  [
    'a precedence behind the last',
    { ...level, matchingPrecedence: 10_001 },
    ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  ],
  [
    'the first precedence',
    { ...level, matchingPrecedence: 1 },
    ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  ],
  [
    'an unknown way to tell flows apart',
    { ...level, distinguisherMethod: { type: 'X' } },
    ['spec.distinguisherMethod.type: Unsupported value: {"Type":"X"}: supported values: "ByNamespace", "ByUser"'],
  ],
  ['a rule', withRule({}), []],
  [
    'a rule for nobody and nothing',
    withRule({ subjects: [], resourceRules: [] }),
    [
      `${rule}.subjects: Required value: subjects must contain at least one value`,
      `${rule}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
    ],
  ],
  [
    'an unknown subject',
    withRule({ subjects: [{ kind: 'X' }] }),
    [`${rule}.subjects[0].kind: Unsupported value: "X": supported values: "Group", "ServiceAccount", "User"`],
  ],
  [
    'a subject with more than its own',
    withRule({
      subjects: [
        { kind: 'User', user: { name: '' }, group: { name: 'g' }, serviceAccount: { name: 'a', namespace: 'b' } },
      ],
    }),
    [
      `${rule}.subjects[0].user.name: Required value`,
      `${rule}.subjects[0].serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'`,
      `${rule}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'`,
    ],
  ],
  [
    'subjects without what they are',
    withRule({
      subjects: [{ kind: 'Group' }, { kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: '' } }],
    }),
    [
      `${rule}.subjects[0].group: Required value: group is required when subject kind is 'Group'`,
      `${rule}.subjects[1].serviceAccount.namespace: Required value: must specify namespace for service account`,
    ],
  ],
  [
    'a rule for resources without any',
    withRule({ resourceRules: [{}] }),
    [
      `${rule}.resourceRules[0].verbs: Required value: verbs must contain at least one value`,
      `${rule}.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group`,
      `${rule}.resourceRules[0].resources: Required value: resource rules must supply at least one resource`,
      `${rule}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
    ],
  ],
  [
    'all and others',
    withRule({
      resourceRules: [{ verbs: ['*', 'get'], apiGroups: ['*', 'a'], resources: ['*', 'b'], namespaces: ['*', 'c'] }],
    }),
    [
      `${rule}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      `${rule}.resourceRules[0].apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups`,
      `${rule}.resourceRules[0].resources: Invalid value: ["*","b"]: if '*' is present, must not specify other resources`,
      `${rule}.resourceRules[0].namespaces: Invalid value: ["*","c"]: if '*' is present, must not specify other namespaces`,
    ],
  ],
  [
    'an unknown verb',
    withRule({ resourceRules: [{ ...resources, verbs: ['x', 'get'] }] }),
    [`${rule}.resourceRules[0].verbs: Unsupported value: ["x","get"]: supported values: ${verbs}`],
  ],
  [
    'paths',
    withRule({
      nonResourceRules: [
        { verbs: ['get'], nonResourceURLs: ['', 'a', '/', '/a b', '/a//b', '/a*', '/*/a', '/a/*', '/x/*/*'] },
      ],
    }),
    [
      '[0]: Invalid value: "": must not be empty',
      '[1]: Invalid value: "a": must start with slash',
      '[3]: Invalid value: "/a b": must not contain white-space',
      '[4]: Invalid value: "/a//b": must not contain double slash',
      '[5]: Invalid value: "/a*": wildcard can only do suffix matching',
      '[6]: Invalid value: "/*/a": wildcard can only do suffix matching',
      '[8]: Invalid value: "/x/*/*": wildcard can only do suffix matching',
    ].map((text) => `${rule}.nonResourceRules[0].nonResourceURLs${text}`),
  ],
];

for (const [name, spec, want] of schemas)
  test(`FlowSchema: ${name}`, () => assert.deepEqual(complaintsAbout(flowSchema, { spec }), want));

const limited = (more: object) => ({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...more } });
const queued = (queuing?: object) => limited({ limitResponse: { type: 'Queue', ...(queuing && { queuing }) } });
const queuing = 'spec.limited.limitResponse.queuing';

const levels: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', limited({}), []],
  ['no type', {}, ['spec.type: Required value']],
  ['an unknown type', { type: 'X' }, ['spec.type: Unsupported value: "X": supported values: "Exempt", "Limited"']],
  [
    'one more that is exempt',
    { type: 'Exempt', limited: { limitResponse: { type: 'Reject' } } },
    [
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec.limited: Forbidden: must be nil if the type is not Limited',
    ],
  ],
  ['no limits', { type: 'Limited' }, ['spec.limited: Required value: must not be empty when type is Limited']],
  ['limits without an answer', { type: 'Limited', limited: {} }, ['spec.limited.limitResponse.type: Required value']],
  [
    'percents that are none',
    limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }),
    [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
  ],
  [
    'queues where nobody waits',
    limited({ limitResponse: { type: 'Reject', queuing: {} } }),
    [`${queuing}: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
  ],
  ['no queues', queued(), [`${queuing}: Required value: must not be empty if limited.limitResponse.type is Limited`]],
  ['queues', queued({}), []],
  [
    'negative queues',
    queued({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
    ['queueLengthLimit', 'queues', 'handSize'].map((one) => `${queuing}.${one}: Invalid value: -1: must be positive`),
  ],
  [
    'too many queues',
    queued({ queues: 10_000_001, handSize: 20 }),
    [
      `${queuing}.queues: Invalid value: 10000001: must not be greater than 10000000`,
      `${queuing}.handSize: Invalid value: 20: required entropy bits of deckSize 10000001 and handSize 20 should not be greater than 60`,
    ],
  ],
  [
    'a hand larger than the deck',
    queued({ queues: 4, handSize: 5 }),
    [`${queuing}.handSize: Invalid value: 5: should not be greater than queues (4)`],
  ],
];

for (const [name, spec, want] of levels)
  test(`PriorityLevelConfiguration: ${name}`, () =>
    assert.deepEqual(complaintsAbout(priorityLevelConfiguration, { spec }), want));

test('what is unset gets the usual figures', () => {
  assert.deepEqual(completed(priorityLevelConfiguration, { spec: queued({}) }).spec.limited, {
    nominalConcurrencyShares: 30,
    lendablePercent: 0,
    limitResponse: { type: 'Queue', queuing: { handSize: 8, queues: 64, queueLengthLimit: 50 } },
  });
  assert.equal(completed(flowSchema, { spec: level }).spec.matchingPrecedence, 1000);
});

test('what must be as it is is right as it was recorded, and not otherwise', () => {
  for (const name of ['exempt', 'catch-all']) {
    const metadata = { name };
    const schema = recorded.flowSchemas.find((one) => one.name === name)!;
    assert.deepEqual(complaintsAbout(flowSchema, { metadata, spec: schema.spec }), []);
    const configuration = recorded.priorityLevels.find((one) => one.name === name)!;
    assert.deepEqual(complaintsAbout(priorityLevelConfiguration, { metadata, spec: configuration.spec }), []);
  }
  const shares = { metadata: { name: 'exempt' }, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 5 } } };
  assert.deepEqual(complaintsAbout(priorityLevelConfiguration, shares), []);
  assert.deepEqual(complaintsAbout(flowSchema, { metadata: { name: 'catch-all' }, spec: level }), [
    `spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"p"},"MatchingPrecedence":1000,"DistinguisherMethod":null,"Rules":null}: spec of 'catch-all' must equal the fixed value`,
  ]);
});
