import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HorizontalPodAutoscaler } from '../../../api/autoscaling/v2/types.ts';
import { complaintsAbout, completed } from '../../testing/definition.ts';
import { fromNewer, toNewer } from './autoscaler-conversion.ts';
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { targetsCell } from './targets-cell.ts';

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const spec = (more: object = {}) => ({ spec: { scaleTargetRef, maxReplicas: 5, ...more } });
const metric = (one: object) => spec({ metrics: [one] });
const rules = (scaleUp: object) => spec({ behavior: { scaleUp } });
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
const queue = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } };

const rows: readonly { name: string; object: object; old?: object; want: readonly string[] }[] = [
  { name: 'only what it must have', object: spec(), want: [] },
  {
    name: 'nothing',
    object: {},
    want: [
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ],
  },
  {
    name: 'a target without a group that can be scaled',
    object: spec({ scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'web' } }),
    want: [],
  },
  {
    name: 'a version that is none',
    object: spec({ scaleTargetRef: { apiVersion: 'a/b/c', kind: 'X', name: 'w/b' } }),
    want: [
      'spec.scaleTargetRef.name: Invalid value: "w/b": may not contain \'/\'',
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
  },
  {
    name: 'a target that was there before there was a rule',
    object: spec({ scaleTargetRef: { kind: 'X', name: 'web' } }),
    old: spec({ scaleTargetRef: { kind: 'X', name: 'other' } }),
    want: [],
  },
  {
    name: 'two parts in a metric',
    object: metric({ ...cpu, pods: queue }),
    want: ['spec.metrics[0].pods: Forbidden: must populate the given metric source only'],
  },
  {
    name: 'an object without a name for it',
    object: metric({ type: 'Object', object: { target: { type: 'Value', value: '0' } } }),
    want: [
      'spec.metrics[0].object.describedObject.kind: Required value',
      'spec.metrics[0].object.describedObject.name: Required value',
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.value: Invalid value: "0": must be positive',
    ],
  },
  {
    name: 'two targets of something external',
    object: metric({
      type: 'External',
      external: { metric: { name: 'q' }, target: { type: 'Value', value: '1', averageValue: '1' } },
    }),
    want: [
      'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
    ],
  },
  {
    name: 'a container without a name',
    object: metric({ type: 'ContainerResource', containerResource: { name: 'storage', target: { type: 'Odd' } } }),
    want: [
      'spec.metrics[0].containerResource.name: Invalid value: "storage": must be a standard resource for containers',
      'spec.metrics[0].containerResource.container: Required value: must specify a container',
      'spec.metrics[0].containerResource.target.type: Invalid value: "Odd": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
  },
  {
    name: 'rules without sense',
    object: rules({
      stabilizationWindowSeconds: -1,
      selectPolicy: 'All',
      policies: [{ type: 'Pods', value: 0, periodSeconds: 1801 }],
      tolerance: '-1',
    }),
    want: [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
      'spec.behavior.scaleUp.selectPolicy: Unsupported value: "All": supported values: "Disabled", "Max", "Min"',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
      'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
    ],
  },
  {
    name: 'no policies at all',
    object: rules({ policies: [] }),
    want: ['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy'],
  },
];

for (const { name, object, old, want } of rows)
  test(`an autoscaler with ${name}`, () =>
    assert.deepEqual(complaintsAbout(horizontalPodAutoscaler, object, old), want));

const whole: HorizontalPodAutoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'it', namespace: 'default', annotations: { mine: 'too' } },
  spec: {
    scaleTargetRef,
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [
      {
        type: 'Object',
        object: {
          describedObject: { kind: 'Service', name: 'web' },
          metric: { name: 'hits', selector: { matchLabels: { a: 'b' } } },
          target: { type: 'Value', value: '5' },
        },
      },
      { type: 'Pods', pods: queue },
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'a', target: { type: 'Utilization', averageUtilization: 5 } },
      },
      { type: 'External', external: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '3' } } },
      cpu,
    ],
    behavior: {
      scaleDown: {
        selectPolicy: 'Disabled',
        policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }],
        tolerance: '50m',
      },
    },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    lastScaleTime: '2030-01-01T00:00:00Z',
    currentMetrics: [
      {
        type: 'Object',
        object: {
          describedObject: { kind: 'Service', name: 'web' },
          metric: { name: 'hits' },
          current: { value: '4' },
        },
      },
      { type: 'Pods', pods: { metric: { name: 'queue' }, current: { averageValue: '7' } } },
      { type: 'External', external: { metric: { name: 'x' }, current: { value: '0', averageValue: '3' } } },
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 20, averageValue: '100m' } } },
    ],
    conditions: [
      { type: 'AbleToScale', status: 'True', reason: 'R', message: 'm', lastTransitionTime: '2030-01-01T00:00:00Z' },
    ],
  },
};

test('what the first version has no fields for is in its annotations, and comes back', () => {
  const older = fromNewer(whole);
  assert.deepEqual(older.spec, { scaleTargetRef, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 50 });
  assert.deepEqual(older.status, {
    currentReplicas: 2,
    desiredReplicas: 3,
    lastScaleTime: '2030-01-01T00:00:00Z',
    currentCPUUtilizationPercentage: 20,
  });
  const { annotations } = older.metadata;
  assert.equal(
    annotations?.['autoscaling.alpha.kubernetes.io/behavior'],
    '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Disabled","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":5}],"Tolerance":"50m"}}',
  );
  assert.match(
    annotations?.['autoscaling.alpha.kubernetes.io/metrics'] ?? '',
    /^\[\{"type":"Object","object":\{"target":\{"kind":"Service","name":"web"\},"metricName":"hits","targetValue":"5","selector":\{"matchLabels":\{"a":"b"\}\}\}\},\{"type":"Pods",/,
  );
  assert.deepEqual(toNewer(older), whole);
});

test('an annotation that holds something else is ignored', () => {
  const metadata = { name: 'it', annotations: { 'autoscaling.alpha.kubernetes.io/metrics': '[{"pods":3}]' } };
  const { metadata: left, spec: made } = toNewer({ metadata, spec: { scaleTargetRef, maxReplicas: 5 } });
  assert.equal(left.annotations, undefined);
  assert.deepEqual(
    made.metrics?.map(({ resource }) => resource?.target.averageUtilization),
    [80],
  );
});

test('who says nothing gets a target for the cpu, in both versions', () => {
  assert.equal(completed(horizontalPodAutoscaler, spec()).spec.metrics?.[0]?.resource?.target.averageUtilization, 80);
  assert.equal(completed(horizontalPodAutoscalerV1, spec()).spec.targetCPUUtilizationPercentage, 80);
});

test('a table shows two metrics and the number of others', () => {
  assert.equal(targetsCell([], []), '<none>');
  assert.equal(targetsCell([cpu], []), 'cpu: <unknown>/50%');
  assert.equal(targetsCell(whole.spec.metrics!, whole.status!.currentMetrics!), '4/5, 7/10 + 4 more...');
});
