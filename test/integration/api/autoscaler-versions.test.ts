import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HorizontalPodAutoscalers as Older } from '../../../src/api/autoscaling/v1/types.ts';
import { HorizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../src/api/autoscaling/v2/types.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { Client } from '../../../src/client/client.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';

let api: ApiServer;
let admin: Client;
before(async () => {
  api = await startMemoryApi();
  admin = createClient(api.transport(superuser, 'test'));
});
after(() => api[Symbol.asyncDispose]());

const key = { namespace: 'default', name: 'web' };

test('who reads an autoscaler in the first version finds in annotations what that has no fields for', async () => {
  const pods = { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } };
  const made = await admin.create(HorizontalPodAutoscalers, {
    metadata: { ...key, annotations: { own: 'a' } },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      metrics: [{ type: 'Pods', pods }],
    },
  } as HorizontalPodAutoscaler);
  const { metadata } = await admin.get(Older, key);
  assert.deepEqual(metadata.annotations, {
    own: 'a',
    'autoscaling.alpha.kubernetes.io/metrics':
      '[{"type":"Pods","pods":{"metricName":"queue","targetAverageValue":"10"}}]',
  });
  assert.equal(metadata.resourceVersion, made.metadata.resourceVersion);
  assert.deepEqual((await admin.get(HorizontalPodAutoscalers, key)).metadata.annotations, { own: 'a' });
});
