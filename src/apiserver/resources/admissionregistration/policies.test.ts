import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { paramRefCell } from './match-resources.ts';
import { mutatingAdmissionPolicyBinding } from './mutating-admission-policy-binding.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { validatingAdmissionPolicyBinding } from './validating-admission-policy-binding.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
const least = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] };
const validation = (more: object) => ({ validations: [{ expression: 'true', ...more }] });
const annotations = (...all: object[]) => ({ auditAnnotations: all });
const variable = (name: string, expression: string) => ({ name, expression });
const undeclared = (name: string, text: string) =>
  `compilation failed: ERROR: <input>:1:1: undeclared reference to '${name}' (in container '')\n | ${text}\n | ^`;
const dnsLabel =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

/** As Kubernetes 1.36.3 answers them, without `spec.`. */
const policies: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', {}, []],
  [
    'a kind of parameters that says nothing',
    { paramKind: {} },
    ['paramKind.apiVersion: Required value', 'paramKind.kind: Required value'],
  ],
  [
    'a kind of parameters with names that cannot be',
    { paramKind: { apiVersion: 'g/V1', kind: 'K k' } },
    [
      `paramKind.apiVersion: Invalid value: "V1": ${dnsLabel}`,
      `paramKind.kind: Invalid value: "K k": may have mixed case, but should otherwise match: ${dnsLabel}`,
    ],
  ],
  [
    'an API version of three parts',
    { paramKind: { apiVersion: 'a/b/c', kind: 'K' } },
    ['paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    'a group without a version',
    { paramKind: { apiVersion: 'g/', kind: 'K' } },
    ['paramKind.apiVersion: Invalid value: "g/": version must be specified'],
  ],
  ['no constraints', { matchConstraints: undefined }, ['matchConstraints: Required value']],
  ['no rules', { matchConstraints: {} }, ['matchConstraints.resourceRules: Required value']],
  [
    'rules with wrong names, and one of nothing',
    {
      matchConstraints: {
        matchPolicy: 'X',
        resourceRules: [{ ...rule, resourceNames: ['a', 'a', 'x/y'] }],
        excludeResourceRules: [{ operations: [] }],
      },
    },
    [
      'matchConstraints.matchPolicy: Unsupported value: "X": supported values: "Equivalent", "Exact"',
      'matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
      `matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "x/y": may not contain '/'`,
      ...['operations', 'apiGroups', 'apiVersions', 'resources'].map(
        (name) => `matchConstraints.excludeResourceRules[0].${name}: Required value`,
      ),
    ],
  ],
  [
    'conditions that read what they cannot, or have one name',
    {
      matchConditions: [
        { name: 'a', expression: 'params.x' },
        { name: 'a', expression: 'authorizer.path("/x").check("get").allowed() && namespaceObject == null' },
      ],
    },
    [
      `matchConditions[0].expression: Invalid value: "params.x": ${undeclared('params', 'params.x')}`,
      'matchConditions[1].name: Duplicate value: "a"',
    ],
  ],
  [
    'too many conditions, each of which is looked at',
    { matchConditions: Array.from({ length: 65 }, (_, i) => ({ name: `c${i}`, expression: i === 64 ? '1' : 'true' })) },
    [
      'matchConditions: Too many: 65: must have at most 64 items',
      'matchConditions[64].expression: Invalid value: "1": must evaluate to bool but got int',
    ],
  ],
  [
    'a variable without anything',
    { variables: [variable('', ' ')] },
    [
      'variables[0].name: Required value: name is not specified',
      'variables[0].expression: Required value: expression is not specified',
    ],
  ],
  [
    'a variable with the name of a word, which reads a later one',
    { variables: [variable('in', 'variables.b'), variable('b', '1')] },
    [
      'variables[0].name: Invalid value: "in": must be a valid CEL identifier',
      `variables[0].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^`,
    ],
  ],
  [
    'the type of a variable is known',
    { variables: [variable('a', '1')], ...validation({ expression: 'variables.a' }) },
    ['validations[0].expression: Invalid value: "variables.a": must evaluate to bool but got int'],
  ],
  ['a variable twice', { variables: [variable('a', '1'), variable('a', '2')] }, []],
  [
    'variables where there are none',
    validation({ expression: 'variables.x' }),
    [`validations[0].expression: Invalid value: "variables.x": ${undeclared('variables', 'variables.x')}`],
  ],
  [
    'no expression',
    validation({ expression: '' }),
    ['validations[0].expression: Required value: expression is not specified'],
  ],
  [
    'of which nobody knows the type',
    validation({ expression: 'object.x' }),
    ['validations[0].expression: Invalid value: "object.x": must evaluate to bool but got dyn'],
  ],
  [
    'what requests do not have',
    validation({ expression: 'request.object == null' }),
    [
      `validations[0].expression: Invalid value: "request.object == null": compilation failed: ERROR: <input>:1:8: undefined field 'object'\n | request.object == null\n | .......^`,
    ],
  ],
  [
    'a condition of a namespace is no number',
    validation({ expression: 'namespaceObject.status.conditions == 1' }),
    [
      `validations[0].expression: Invalid value: "namespaceObject.status.conditions == 1": compilation failed: ERROR: <input>:1:35: found no matching overload for '_==_' applied to '(list(kubernetes.NamespaceCondition), int)'\n | namespaceObject.status.conditions == 1\n | ..................................^`,
    ],
  ],
  [
    'messages of nothing',
    validation({ message: ' ', messageExpression: ' ' }),
    [
      'validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'validations[0].message: Invalid value: " ": must be non-empty if specified',
    ],
  ],
  [
    'a message of two lines',
    validation({ message: ' a\rb ' }),
    ['validations[0].message: Invalid value: " a\\rb ": must not contain line breaks'],
  ],
  [
    'a message asks for no rights',
    validation({ messageExpression: 'authorizer' }),
    [`validations[0].messageExpression: Invalid value: "authorizer": ${undeclared('authorizer', 'authorizer')}`],
  ],
  [
    'no reason',
    validation({ reason: '' }),
    ['validations[0].reason: Unsupported value: "": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"'],
  ],
  [
    'annotations that are no text, or longer than anybody reads',
    annotations(
      { key: 'a', valueExpression: '1' },
      { key: 'a', valueExpression: ` "${'x'.repeat(6000)}"` },
      { key: 'b', valueExpression: 'null' },
    ),
    [
      'auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
      'auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
      'auditAnnotations[1].key: Duplicate value: "a"',
    ],
  ],
  [
    'too many annotations',
    annotations(...Array.from({ length: 21 }, (_, i) => ({ key: `a${i}`, valueExpression: 'null' }))),
    [
      `auditAnnotations: Invalid value: [${Array.from({ length: 21 }, (_, i) => `{"Key":"a${i}","ValueExpression":"null"}`).join(',')}]: must not have more than 20 auditAnnotations`,
    ],
  ],
  ['an annotation alone', { validations: [], ...annotations({ key: 'a', valueExpression: '"x"' }) }, []],
];

const bindings: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', {}, []],
  ['of no policy', { policyName: '' }, ['policyName: Required value']],
  [
    'a parameter that is not named',
    { paramRef: {} },
    [
      'paramRef: Required value: one of name or selector must be specified',
      'paramRef.parameterNotFoundAction: Required value',
    ],
  ],
  [
    'a parameter that is named twice',
    { paramRef: { name: 'a/b', selector: {}, parameterNotFoundAction: 'X' } },
    [
      `paramRef.name: Invalid value: "a/b": may not contain '/'`,
      'paramRef.name: Forbidden: name and selector are mutually exclusive',
      'paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'paramRef.parameterNotFoundAction: Unsupported value: "X": supported values: "Deny", "Allow"',
    ],
  ],
  ['about everything', { matchResources: {} }, []],
  [
    'actions that nobody knows, and those that say it twice',
    { validationActions: ['X', 'X', 'Deny', 'Warn'] },
    [
      'validationActions[0]: Unsupported value: "X": supported values: "Audit", "Deny", "Warn"',
      'validationActions[1]: Unsupported value: "X": supported values: "Audit", "Deny", "Warn"',
      'validationActions[1]: Duplicate value: "X"',
      'validationActions: Invalid value: ["X","X","Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
];

const applied = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const patched = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const leastMutation = {
  matchConstraints: { resourceRules: [rule] },
  reinvocationPolicy: 'Never',
  mutations: [applied('Object{}')],
};
const mutation = (...mutations: object[]) => ({ mutations });

const mutatingPolicies: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', {}, []],
  ['that does nothing', mutation(), ['mutations: Required value: mutations must contain at least one item']],
  ['without reinvocation', { reinvocationPolicy: '' }, ['reinvocationPolicy: Required value']],
  [
    'with an unknown one',
    { reinvocationPolicy: 'X' },
    ['reinvocationPolicy: Unsupported value: "X": supported values: "IfNeeded", "Never"'],
  ],
  [
    'of what is deleted',
    { matchConstraints: { resourceRules: [{ ...rule, operations: ['CONNECT', 'DELETE'] }] } },
    [
      'matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  ['of no type', mutation({}), ['mutations[0].patchType: Required value']],
  [
    'of another type than it has',
    mutation({ ...applied('Object{}'), patchType: 'JSONPatch' }),
    [
      'mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ],
  ],
  ['without an expression', mutation(applied(' ')), ['mutations[0].applyConfiguration.expression: Required value']],
  [
    'that makes something else',
    mutation(applied('Object.spec{}'), applied('object'), patched('[]'), patched('[Object{}]')),
    [
      'mutations[0].applyConfiguration.expression: Invalid value: "Object.spec{}": must evaluate to Object but got Object.spec',
      'mutations[1].applyConfiguration.expression: Invalid value: "object": must evaluate to Object but got dyn',
      'mutations[2].jsonPatch.expression: Invalid value: "[]": must evaluate to list(JSONPatch) but got list(dyn)',
      'mutations[3].jsonPatch.expression: Invalid value: "[Object{}]": must evaluate to list(JSONPatch) but got list(Object)',
    ],
  ],
  [
    'with a wrong field in a patch',
    mutation(patched('[JSONPatch{op: 1}]')),
    [
      `mutations[0].jsonPatch.expression: Invalid value: "[JSONPatch{op: 1}]": compilation failed: ERROR: <input>:1:14: expected type of field 'op' is 'string' but provided type is 'int'\n | [JSONPatch{op: 1}]\n | .............^`,
    ],
  ],
  [
    'whose variable makes a part of an object',
    { variables: [variable('a', 'Object{a: 1}')] },
    [
      `variables[0].expression: Invalid value: "Object{a: 1}": compilation failed: ERROR: <input>:1:7: undeclared reference to 'Object' (in container '')\n | Object{a: 1}\n | ......^`,
    ],
  ],
];

const under = (complaints: readonly string[]) => complaints.map((text) => `spec.${text}`);

for (const [name, spec, expected] of policies)
  test(`a validating policy: ${name}`, () => {
    assert.deepEqual(complaintsAbout(validatingAdmissionPolicy, { spec: { ...least, ...spec } }), under(expected));
  });

for (const [name, spec, expected] of bindings)
  test(`a binding of a validating policy: ${name}`, () => {
    const object = { spec: { policyName: 'p', validationActions: ['Deny'], ...spec } };
    assert.deepEqual(complaintsAbout(validatingAdmissionPolicyBinding, object), under(expected));
  });

for (const [name, spec, expected] of mutatingPolicies)
  test(`a mutating policy: ${name}`, () => {
    assert.deepEqual(
      complaintsAbout(mutatingAdmissionPolicy, { spec: { ...leastMutation, ...spec } }),
      under(expected),
    );
  });

test('a binding of a mutating policy names it', () => {
  assert.deepEqual(complaintsAbout(mutatingAdmissionPolicyBinding, { spec: {} }), ['spec.policyName: Required value']);
});

test('what a policy does not say is strict, and about everything', () => {
  assert.deepEqual(completed(validatingAdmissionPolicy, { spec: least }).spec, {
    failurePolicy: 'Fail',
    matchConstraints: {
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: [{ ...rule, scope: '*' }],
    },
    validations: least.validations,
  });
});

test('conditions that stay as they were are not looked at again', () => {
  const old = { spec: { ...least, matchConditions: [{ name: 'a', expression: 'gone()' }] } };
  const now = { spec: { ...old.spec, failurePolicy: 'Ignore' } };
  assert.deepEqual(complaintsAbout(validatingAdmissionPolicy, now, old), []);
});

test('parameters in a table', () => {
  assert.equal(paramRefCell({ name: 'a' }), '*/a');
  assert.equal(paramRefCell({ name: 'a', namespace: 'b' }), 'b/a');
  const selector = {
    matchLabels: { a: 'b' },
    matchExpressions: [{ key: 'c', operator: 'In' as const, values: ['d'] }],
  };
  assert.equal(
    paramRefCell({ selector }),
    '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[d],},},}',
  );
});

test('warnings in the status of a policy say what and where, and its conditions are whole', () => {
  const status = {
    typeChecking: {
      expressionWarnings: [
        { fieldRef: ' ', warning: '' },
        { fieldRef: 'spec', warning: 'x' },
      ],
    },
    conditions: [{ type: 'x', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: '', message: '' }],
  };
  const { validate } = validatingAdmissionPolicy.strategy.status!;
  const policy = completed(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec: least, status });
  assert.deepEqual(
    validate!(policy, policy, undefined as never).map(({ field, message }) => `${field}: ${message}`),
    [
      'status.typeChecking.expressionWarnings[0].warning: Required value',
      'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
      'status.conditions[0].reason: Required value',
    ],
  );
});

test('others have their turn while a policy of many expressions is checked', () => {
  const validations = Array.from({ length: 5 }, () => ({ expression: 'true' }));
  const policy = completed(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec: { ...least, validations } });
  const { validateRules } = validatingAdmissionPolicy.strategy;
  assert.ok([...validateRules!(policy, undefined, [])].length >= 2 * validations.length);
});
