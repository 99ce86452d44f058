import type { ResourceFacts } from '../../src/api/resource-facts.ts';
import { apiVersionOf } from '../../src/apimachinery/resource-type.ts';

/**
 * Objects that say how the server treats others. They are bent like all others, so they are only about a kind that no
 * request is for: a webhook that fails, or a policy that refuses, is right to do so, and would hide what is wrong.
 */
const group = 'bent.example.com';
const rule = {
  apiGroups: [group],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['things', 'things/status'],
  scope: 'Namespaced',
};
const loop = '[1, 2, 3].all(a, [4, 5, 6].exists(b, a < b)) && object.metadata.name.matches("^[a-z]+$")';
const matchConditions = [{ name: 'some', expression: "request.operation == 'CREATE' && has(object.metadata.labels)" }];
const matchConstraints = {
  resourceRules: [rule],
  matchPolicy: 'Equivalent',
  namespaceSelector: { matchExpressions: [{ key: 'bent', operator: 'In', values: ['yes'] }] },
  objectSelector: { matchLabels: { bent: 'yes' } },
};
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const paramRef = { name: 'a', namespace: 'default', parameterNotFoundAction: 'Deny' };
const variables = [
  { name: 'first', expression: 'has(object.spec) ? object.spec.size : 0' },
  { name: 'second', expression: 'variables.first * 2' },
];
const webhook = {
  name: 'bent.example.com',
  clientConfig: { service: { namespace: 'default', name: 'missing', path: '/bent', port: 443 }, caBundle: 'Cg==' },
  rules: [rule],
  failurePolicy: 'Fail',
  matchPolicy: 'Exact',
  namespaceSelector: matchConstraints.namespaceSelector,
  objectSelector: matchConstraints.objectSelector,
  sideEffects: 'None',
  timeoutSeconds: 1,
  admissionReviewVersions: ['v1', 'v1beta1'],
  matchConditions,
};

const schema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', format: 'int32', default: 1 },
          any: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
          list: {
            type: 'array',
            maxItems: 10,
            items: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['key'],
          },
          map: { type: 'object', additionalProperties: { type: 'string', maxLength: 10 }, maxProperties: 10 },
        },
        'x-kubernetes-validations': [
          {
            rule: 'self.size < 10 || self.list.all(one, one.key != "a")',
            messageExpression: '"of " + string(self.size)',
          },
        ],
      },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
};
const version = {
  served: true,
  schema,
  subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
  additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
  selectableFields: [{ jsonPath: '.spec.size' }],
};

const contents: Readonly<Record<string, object>> = {
  CustomResourceDefinition: {
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList', shortNames: ['th'] },
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: webhook.clientConfig },
      },
      versions: [
        { ...version, name: 'v1', storage: true },
        { ...version, name: 'v2', storage: false, deprecated: true },
      ],
    },
  },
  ValidatingAdmissionPolicy: {
    spec: {
      matchConstraints,
      paramKind,
      variables,
      matchConditions,
      failurePolicy: 'Fail',
      validations: [
        { expression: loop, messageExpression: "'not ' + string(variables.second)", reason: 'Forbidden' },
        { expression: "authorizer.group('').resource('pods').check('get').allowed() || params.data.a == 'b'" },
      ],
      auditAnnotations: [{ key: 'size', valueExpression: 'string(variables.first)' }],
    },
  },
  ValidatingAdmissionPolicyBinding: {
    spec: { policyName: 'a', paramRef, matchResources: matchConstraints, validationActions: ['Deny', 'Audit'] },
  },
  MutatingAdmissionPolicy: {
    spec: {
      matchConstraints,
      paramKind,
      variables,
      matchConditions,
      reinvocationPolicy: 'IfNeeded',
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"a": "b"}}}' },
        },
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: '[JSONPatch{op: "add", path: "/spec/size", value: variables.second}]' },
        },
      ],
    },
  },
  MutatingAdmissionPolicyBinding: { spec: { policyName: 'a', paramRef, matchResources: matchConstraints } },
  ValidatingWebhookConfiguration: { webhooks: [webhook] },
  MutatingWebhookConfiguration: { webhooks: [{ ...webhook, reinvocationPolicy: 'IfNeeded' }] },
  APIService: {
    metadata: { name: `v1.${group}` },
    spec: {
      group,
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle: 'Cg==',
      service: { namespace: 'default', name: 'missing', port: 443 },
    },
  },
};

/** Such an object with all that it may say; `undefined` for other kinds. */
export function configurationOf({ type }: ResourceFacts, name: string): object | undefined {
  const content = contents[type.kind];
  return content && { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name }, ...content };
}
