import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PolicyRule } from '../../api/rbac/v1/types.ts';
import { rulesText, uncovered } from './rbac-escalation.ts';
import { ruleAllows } from './rbac-rules.ts';

const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };

const rows: { name: string; held: PolicyRule[]; wanted: PolicyRule[]; lacks: string }[] = [
  { name: 'what one holds', held: [pods], wanted: [pods], lacks: '' },
  {
    name: 'one verb more',
    held: [pods],
    wanted: [{ ...pods, verbs: ['get', 'delete', 'create'] }],
    lacks: '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "create"]}',
  },
  {
    name: 'all objects, where one holds one of them',
    held: [{ ...pods, resourceNames: ['a'] }],
    wanted: [pods],
    lacks: '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
  },
  {
    name: 'another object than the one that one holds',
    held: [{ ...pods, resourceNames: ['a'] }],
    wanted: [{ ...pods, resourceNames: ['a', 'b'], verbs: ['get'] }],
    lacks: '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}',
  },
  {
    name: 'everything, where one holds each verb',
    held: [pods],
    wanted: [{ ...pods, verbs: ['*'] }],
    lacks: '{APIGroups:[""], Resources:["pods"], Verbs:["*"]}',
  },
  {
    name: 'a narrower prefix of paths',
    held: [{ nonResourceURLs: ['/a/*'], verbs: ['get'] }],
    wanted: [{ nonResourceURLs: ['/a/b/*', '/a/c', '/b'], verbs: ['get'] }],
    lacks: '{NonResourceURLs:["/b"], Verbs:["get"]}',
  },
  {
    name: 'a subresource that one holds of all resources',
    held: [{ apiGroups: ['apps'], resources: ['*/scale'], verbs: ['update'] }],
    wanted: [{ apiGroups: ['apps'], resources: ['deployments/scale', 'deployments'], verbs: ['update'] }],
    lacks: '{APIGroups:["apps"], Resources:["deployments"], Verbs:["update"]}',
  },
  {
    name: 'several things, in the order of their texts',
    held: [],
    wanted: [{ ...pods, resources: ['services', 'pods'], verbs: ['get'] }],
    lacks:
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}\n{APIGroups:[""], Resources:["services"], Verbs:["get"]}',
  },
];

for (const { name, held, wanted, lacks } of rows)
  test(`wanting ${name}`, () => assert.equal(rulesText(uncovered(held, wanted)), lacks));

test('rules that are covered allow nothing that the covering ones do not', () => {
  const some = (...values: string[]) => fc.subarray(values, { minLength: 1 });
  const rule: fc.Arbitrary<PolicyRule> = fc.record({
    verbs: some('get', 'list', '*'),
    apiGroups: some('', 'apps', '*'),
    resources: some('pods', 'pods/log', '*/log', '*'),
    resourceNames: fc.subarray(['a', 'b']),
  });
  const request = fc.record({
    verb: fc.constantFrom('get', 'list', 'create'),
    group: fc.constantFrom('', 'apps'),
    resource: fc.constantFrom('pods', 'services'),
    subresource: fc.constantFrom('', 'log'),
    name: fc.constantFrom('', 'a', 'b', 'c'),
  });
  fc.assert(
    fc.property(fc.array(rule), fc.array(rule), request, (held, wanted, attributes) => {
      fc.pre(uncovered(held, wanted).length === 0);
      const asked = { ...attributes, user: { name: 'x', groups: [] } };
      const allows = (rules: PolicyRule[]) => rules.some((one) => ruleAllows(one, asked));
      return !allows(wanted) || allows(held);
    }),
  );
});

test('a rule of a billion parts is lacking or held as a whole', () => {
  const words = (letter: string) => Array.from({ length: 1000 }, (_, at) => letter + at);
  const wanted = { apiGroups: words('g'), resources: words('r'), verbs: words('v') };
  assert.deepEqual(uncovered([], [wanted]), [wanted]);
  assert.deepEqual(uncovered([{ ...wanted, verbs: ['*'] }], [wanted]), []);
  assert.deepEqual(uncovered([pods], [wanted, pods]), [wanted]);
  assert.deepEqual(uncovered([{ ...wanted, resourceNames: ['a'] }], [wanted]), [wanted]);
});

test('many verbs that one lacks are told in the order of the rule', () => {
  const verbs = Array.from({ length: 20_000 }, (_, at) => `v${at}`);
  const text = rulesText(uncovered([], [{ ...pods, verbs }]));
  assert.equal(text, `{APIGroups:[""], Resources:["pods"], Verbs:[${verbs.map((verb) => `"${verb}"`).join(' ')}]}`);
});
