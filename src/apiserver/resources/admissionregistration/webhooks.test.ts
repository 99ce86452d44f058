import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { mutatingWebhookConfiguration } from './mutating-webhook-configuration.ts';
import { validatingWebhookConfiguration } from './validating-webhook-configuration.ts';

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
const hook = (more: object = {}) => ({
  name: 'a.example.com',
  clientConfig: { url: 'https://127.0.0.1:1/x' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  rules: [rule],
  ...more,
});
const withRule = (more: object) => hook({ rules: [{ ...rule, ...more }] });
const withUrl = (url: string) => hook({ clientConfig: { url } });
const withService = (more: object) => hook({ clientConfig: { service: { name: 'a', namespace: 'b', ...more } } });
const condition = (expression: string, name = 'a') => hook({ matchConditions: [{ name, expression }] });
const form = 'desired format: https://host[/path]';

/** As Kubernetes 1.36.3 answers them, without `webhooks[0].`. */
const rows: readonly (readonly [string, object, readonly string[]])[] = [
  ['the least', hook(), []],
  ['no name', hook({ name: '' }), ['name: Required value']],
  [
    'a name that is no domain of three parts',
    hook({ name: 'a.b' }),
    ['name: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
  ],
  [
    'a condition of which nobody knows the type',
    condition('object.x'),
    ['matchConditions[0].expression: Invalid value: "object.x": must evaluate to bool but got dyn'],
  ],
  [
    'no side effects',
    hook({ sideEffects: undefined }),
    ['sideEffects: Required value: must specify one of None, NoneOnDryRun'],
  ],
  [
    'unknown side effects',
    hook({ sideEffects: 'Unknown' }),
    ['sideEffects: Unsupported value: "Unknown": supported values: "None", "NoneOnDryRun"'],
  ],
  [
    'unknown policies and no time',
    hook({ failurePolicy: '', matchPolicy: '', timeoutSeconds: -1 }),
    [
      'failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"',
      'matchPolicy: Unsupported value: "": supported values: "Equivalent", "Exact"',
      'timeoutSeconds: Invalid value: -1: the timeout value must be between 1 and 30 seconds',
    ],
  ],
  [
    'a rule of nothing',
    hook({ rules: [{ apiGroups: [], apiVersions: [], operations: [], resources: [] }] }),
    ['operations', 'apiGroups', 'apiVersions', 'resources'].map((one) => `rules[0].${one}: Required value`),
  ],
  [
    'all and others',
    withRule({ operations: ['*', 'CREATE'], apiVersions: ['*', 'v1'], resources: ['*', 'pods'] }),
    [
      `rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      `rules[0].apiVersions: Invalid value: ["*","v1"]: if '*' is present, must not specify other API versions`,
      `rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
    ],
  ],
  ['all resources and a subresource', withRule({ resources: ['*', 'pods/status'] }), []],
  [
    'subresources that are named twice',
    withRule({ resources: ['pods/*', 'pods/status', '*/scale', 'x/scale', ''] }),
    [
      `rules[0].resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
      `rules[0].resources[3]: Invalid value: "x/scale": if '*/scale' is present, must not specify x/scale`,
      'rules[0].resources[4]: Required value',
    ],
  ],
  [
    'an unknown scope',
    withRule({ scope: 'Local' }),
    ['rules[0].scope: Unsupported value: "Local": supported values: "*", "Cluster", "Namespaced"'],
  ],
  [
    'no address',
    hook({ clientConfig: {} }),
    ['clientConfig: Required value: exactly one of url or service is required'],
  ],
  [
    'an empty URL',
    withUrl(''),
    [
      `clientConfig.url: Invalid value: "": 'https' is the only allowed URL scheme; ${form}`,
      `clientConfig.url: Invalid value: "": host must be specified; ${form}`,
    ],
  ],
  ['no host', withUrl('https:///x'), [`clientConfig.url: Invalid value: "": host must be specified; ${form}`]],
  [
    'a user, a query and a fragment',
    withUrl('https://u:p@h/x?a=b#f'),
    [
      'clientConfig.url: Invalid value: "u:p": user information is not permitted in the URL',
      'clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL',
    ],
  ],
  [
    'a port that is none',
    withService({ port: 0 }),
    ['clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive'],
  ],
  ['a path', withService({ path: '/x/y/' }), []],
  ['an empty path', withService({ path: '' }), []],
  [
    'paths that are none',
    withService({ path: '/x//y' }),
    ['clientConfig.service.path: Invalid value: "/x//y": segment[1] may not be empty'],
  ],
  [
    'a version twice',
    hook({ admissionReviewVersions: ['v1', 'v1'] }),
    ['admissionReviewVersions[1]: Invalid value: "v1": duplicate version'],
  ],
  [
    'only an unknown version',
    hook({ admissionReviewVersions: ['v7'] }),
    ['admissionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1'],
  ],
  ['a condition', condition('request.operation == "CREATE" && has(object.metadata)'), []],
  [
    'a condition that is no truth value',
    condition('1'),
    ['matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int'],
  ],
  [
    'a condition of what is not there',
    condition('foo'),
    [
      `matchConditions[0].expression: Invalid value: "foo": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^`,
    ],
  ],
  [
    'an empty condition',
    condition('', ''),
    ['matchConditions[0].expression: Required value', 'matchConditions[0].name: Required value'],
  ],
];

for (const [name, webhook, want] of rows)
  test(`a webhook: ${name}`, () => {
    const complaints = complaintsAbout(validatingWebhookConfiguration, { webhooks: [webhook] });
    assert.deepEqual(
      complaints,
      want.map((text) => `webhooks[0].${text}`),
    );
  });

test('a webhook has a name of its own, and what was wrong before may stay so', () => {
  const twice = { webhooks: [hook(), hook()] };
  assert.deepEqual(complaintsAbout(validatingWebhookConfiguration, twice), [
    'webhooks[1].name: Duplicate value: "a.example.com"',
  ]);
  const some = { webhooks: [hook({ sideEffects: 'Some' }), hook()] };
  assert.deepEqual(complaintsAbout(validatingWebhookConfiguration, some, some), []);
});

test('what is unset is filled', () => {
  const webhooks = [hook({ clientConfig: { service: { name: 'a', namespace: 'b' } } })];
  const [filled] = completed(mutatingWebhookConfiguration, { webhooks }).webhooks!;
  const { clientConfig, rules, failurePolicy, matchPolicy, timeoutSeconds, reinvocationPolicy } = filled!;
  assert.equal(clientConfig.service?.port, 443);
  assert.equal(rules![0]!.scope, '*');
  assert.deepEqual(
    [failurePolicy, matchPolicy, timeoutSeconds, reinvocationPolicy],
    ['Fail', 'Equivalent', 10, 'Never'],
  );
});
