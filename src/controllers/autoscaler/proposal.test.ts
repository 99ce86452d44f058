import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricSpec } from '../../api/autoscaling/v2/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { ApiRequest, Transport } from '../../apimachinery/request.ts';
import { refused } from '../../apimachinery/status.ts';
import { createClient } from '../../client/typed-client.ts';
import { Services } from '../../api/core/v1/types.ts';
import { proposalOf } from './proposal.ts';

const now = Date.parse('2030-01-01T01:00:00Z');
const at = '2030-01-01T00:59:30Z';
const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2030-01-01T00:00:00Z' };
const pods = ['a', 'b'].map(
  (name) =>
    ({
      metadata: { name },
      spec: { containers: [{ name: 'c', image: 'i' }] },
      status: { phase: 'Running', startTime: '2030-01-01T00:00:00Z', conditions: [ready] },
    }) as Pod,
);

/** Somebody who serves the metrics APIs: answers by `group resource/subresource`, nothing else. */
function serving(answers: Readonly<Record<string, readonly object[]>>, asked: ApiRequest[] = []): Transport {
  return {
    async call(request) {
      asked.push(request);
      const { group, version, resource } = request.type;
      const name = [group, version, resource, request.name, request.subresource].filter(Boolean).join(' ');
      if (!Object.hasOwn(answers, name)) throw refused.pathNotFound();
      return { items: answers[name], metadata: {} };
    },
    watch: () => {
      throw new Error('Cannot watch: nothing is watched here');
    },
  };
}

const scene = (transport: Transport) => ({
  autoscaler: {
    metadata: { name: 'it', namespace: 'default' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
  },
  pods,
  selector: 'app=web',
  wanted: 2,
  present: 2,
  client: createClient(transport),
  served: [{ type: Services }] as unknown as readonly ResourceFacts[],
  now,
});

const queue = { name: 'queue', selector: { matchLabels: { shard: '1' } } };
const perPod = { type: 'AverageValue', averageValue: '10' };
const service = { kind: 'Service', name: 'web' };

const rows: readonly {
  name: string;
  metric: MetricSpec;
  answers: Readonly<Record<string, readonly object[]>>;
  want: { replicas: number; metric: string; current: object };
}[] = [
  {
    name: 'of each pod',
    metric: { type: 'Pods', pods: { metric: queue, target: perPod } },
    answers: {
      'custom.metrics.k8s.io v1beta2 pods * queue': [
        { describedObject: { name: 'a' }, timestamp: at, value: '30' },
        { describedObject: { name: 'b' }, timestamp: at, value: '10' },
      ],
    },
    want: { replicas: 4, metric: 'pods metric queue', current: { averageValue: '20' } },
  },
  {
    name: 'of an object, in the older version',
    metric: {
      type: 'Object',
      object: { describedObject: service, metric: queue, target: { type: 'Value', value: '10' } },
    },
    answers: {
      'custom.metrics.k8s.io v1beta1 services web queue': [
        { describedObject: service, timestamp: at, value: '15500m' },
      ],
    },
    want: { replicas: 4, metric: 'Service metric queue', current: { value: '15500m' } },
  },
  {
    name: 'from outside, in two series',
    metric: { type: 'External', external: { metric: queue, target: perPod } },
    answers: { 'external.metrics.k8s.io v1beta1 queue': [{ value: '40' }, { value: '5' }] },
    want: {
      replicas: 5,
      metric:
        'external metric queue(&LabelSelector{MatchLabels:map[string]string{shard: 1,},MatchExpressions:[]LabelSelectorRequirement{},})',
      current: { averageValue: '22500m' },
    },
  },
];

for (const { name, metric, answers, want } of rows)
  test(`a metric ${name} asks for a size`, async () => {
    const asked: ApiRequest[] = [];
    const found = await proposalOf(metric, scene(serving(answers, asked)));
    assert.ok('status' in found, JSON.stringify(found));
    const { object, pods: ofPods, external } = found.status;
    const { current } = (object ?? ofPods ?? external)!;
    assert.deepEqual({ replicas: found.replicas, metric: found.metric, current }, want);
    assert.ok(Object.values(asked.at(-1)!.options ?? {}).includes('shard=1'));
  });

test('what nobody serves is said as clients of Kubernetes say it', async () => {
  const failureOf = async (metric: MetricSpec) => {
    const found = await proposalOf(metric, scene(serving({})));
    return 'failure' in found ? found.failure : undefined;
  };
  const outside = await failureOf({ type: 'External', external: { metric: { name: 'q' }, target: perPod } });
  assert.equal(outside?.reason, 'FailedGetExternalMetric');
  assert.equal(
    outside.summary,
    'failed to get q external metric value: failed to get q external metric: unable to get external metric default/q/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get q.external.metrics.k8s.io)',
  );
  const ofObject = await failureOf({
    type: 'Object',
    object: { describedObject: service, metric: { name: 'q' }, target: { type: 'Value', value: '1' } },
  });
  assert.equal(
    ofObject?.why,
    'unable to get metric q on Service default/web: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  );
});
