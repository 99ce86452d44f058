import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { limitRange } from './limit-range.ts';
import { resourceQuota } from './resource-quota.ts';

interface Row {
  readonly name: string;
  readonly kind: ResourceDefinition<any>;
  readonly object: object;
  readonly old?: object;
  readonly want: readonly string[];
}

const limit = (more: object) => ({ spec: { limits: [{ type: 'Container', ...more }] } });
const hard = (hard: object, more = {}) => ({ spec: { hard, ...more } });
const selector = (requirement: object, bounds: object = { pods: '1' }) =>
  hard(bounds, { scopeSelector: { matchExpressions: [requirement] } });

const rows: Row[] = [
  { name: 'without limits', kind: limitRange, object: {}, want: [] },
  {
    name: 'a type twice, and one that is none',
    kind: limitRange,
    object: { spec: { limits: [{ type: 'Pod' }, { type: 'Pod' }, { type: 'Thing' }] } },
    want: [
      'spec.limits[1].type: Duplicate value: "Pod"',
      'spec.limits[2].type: Invalid value: "Thing": must be a standard limit type or fully qualified',
    ],
  },
  {
    name: 'a resource that containers do not have',
    kind: limitRange,
    object: limit({ max: { storage: '1Gi' } }),
    want: [
      'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
      'spec.limits[0].default[storage]: Invalid value: "storage": must be a standard resource for containers',
      'spec.limits[0].defaultRequest[storage]: Invalid value: "storage": must be a standard resource for containers',
    ],
  },
  {
    name: 'defaults for pods',
    kind: limitRange,
    object: { spec: { limits: [{ type: 'Pod', default: { cpu: '1' } }] } },
    want: ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
  },
  {
    name: 'claims without a bound',
    kind: limitRange,
    object: { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } },
    want: [
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    ],
  },
  {
    name: 'a minimum above the maximum',
    kind: limitRange,
    object: { spec: { limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] } },
    want: ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'],
  },
  {
    name: 'defaults out of order',
    kind: limitRange,
    object: limit({ default: { cpu: '1' }, defaultRequest: { cpu: '2' }, max: { cpu: '500m' } }),
    want: [
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 500m',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1',
      'spec.limits[0].default[cpu]: Invalid value: "500m": default value 1 is greater than max value 500m',
    ],
  },
  {
    name: 'ratios that cannot be',
    kind: limitRange,
    object: limit({ min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3', memory: '500m' } }),
    want: [
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
      'spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: "500m": ratio 500m is less than 1',
    ],
  },
  { name: 'a count of anything', kind: resourceQuota, object: hard({ 'count/widgets.example.com': '2' }), want: [] },
  {
    name: 'amounts of what nobody knows, or that cannot be',
    kind: resourceQuota,
    object: hard({ birds: '2', pods: '1500m', storage: '1', cpu: '-1' }),
    want: [
      'spec.hard[birds]: Invalid value: "birds": must be a standard resource type or fully qualified',
      'spec.hard[birds]: Invalid value: "birds": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ],
  },
  {
    name: 'scopes that exclude each other',
    kind: resourceQuota,
    object: hard({ pods: '1' }, { scopes: ['BestEffort', 'NotBestEffort'] }),
    want: ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  },
  {
    name: 'a scope for what is not within it',
    kind: resourceQuota,
    object: hard({ services: '1', 'count/pods': '1' }, { scopes: ['Terminating', 'Odd'] }),
    want: [
      'spec.scopes: Invalid value: ["Terminating","Odd"]: unsupported scope applied to resource',
      'spec.scopes: Invalid value: ["Terminating","Odd"]: unsupported scope',
    ],
  },
  {
    name: 'other scopes',
    kind: resourceQuota,
    old: hard({ pods: '1' }, { scopes: ['BestEffort'] }),
    object: hard({ pods: '1' }),
    want: ['spec.scopes: Invalid value: null: field is immutable'],
  },
  {
    name: 'a class that is none of several',
    kind: resourceQuota,
    object: selector({ scopeName: 'PriorityClass', operator: 'NotIn' }),
    want: [
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  },
  {
    name: 'values of what has none',
    kind: resourceQuota,
    object: selector({ scopeName: 'BestEffort', operator: 'In', values: ['a'] }),
    want: [
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity',
    ],
  },
  {
    name: 'a selector for what is not within its scope',
    kind: resourceQuota,
    object: selector({ scopeName: 'PriorityClass', operator: 'Exists' }, { services: '1' }),
    want: [
      'spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"PriorityClass","Operator":"Exists","Values":null}]}: unsupported scope applied to resource',
    ],
  },
];

for (const { name, kind, object, old, want } of rows)
  test(`${kind.type.kind}: ${name}`, () => assert.deepEqual(complaintsAbout(kind, object, old), want));

test('a maximum is a default limit, a default limit a default request, and so is a minimum', () => {
  const made = completed(
    limitRange,
    limit({ max: { cpu: '2' }, default: { memory: '1Gi' }, min: { 'ephemeral-storage': '1Gi', cpu: '1' } }),
  );
  const { default: limits, defaultRequest } = made.spec.limits[0]!;
  assert.deepEqual(limits, { cpu: '2', memory: '1Gi' });
  assert.deepEqual(defaultRequest, { cpu: '2', memory: '1Gi', 'ephemeral-storage': '1Gi' });
});

test('a quota that lets more be requested than used is warned about', () => {
  const warnings = (bounds: object) =>
    resourceQuota.strategy.warnings?.(completed(resourceQuota, hard(bounds)), undefined);
  assert.deepEqual(warnings({ cpu: '2', 'limits.cpu': '1', 'requests.memory': '1Gi', 'limits.memory': '2Gi' }), [
    'ResourceQuota cpu (2) should be less than limits.cpu (1)',
  ]);
});

test('bounds finer than a thousandth are rounded up', () => {
  const { spec, status } = completed(resourceQuota, { ...hard({ cpu: '0.5m' }), status: { used: { pods: '1.0005' } } });
  assert.deepEqual([spec?.hard, status?.used], [{ cpu: '1m' }, { pods: '1001m' }]);
  const [made] = completed(limitRange, limit({ min: { cpu: '0.5m' }, maxLimitRequestRatio: { cpu: '1.0005' } })).spec
    .limits;
  assert.deepEqual(
    [made!.min, made!.defaultRequest, made!.maxLimitRequestRatio],
    [{ cpu: '1m' }, { cpu: '1m' }, { cpu: '1001m' }],
  );
});
