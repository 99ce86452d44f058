import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
});
after(() => api[Symbol.asyncDispose]());

const dryRun = (path: string, body: object) => api.ask(`${path}?dryRun=All`, { method: 'POST', body });
const metadata = { name: 'it' };

test('an empty list is shown as null where a list is always shown', async () => {
  const made = await dryRun('/api/v1/namespaces/default/limitranges', { metadata, spec: { limits: [] } });
  assert.equal(made.code, 201);
  assert.equal(made.body.spec.limits, null);
  const role = await dryRun('/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata, rules: [] });
  assert.equal(role.body.rules, null);
});

test('policies of a scaling that are none are refused, and not filled in', async () => {
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 2,
    behavior: { scaleUp: { policies: [] } },
  };
  const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
  const refused = await dryRun(path, { metadata, spec });
  assert.equal(refused.code, 422);
  assert.match(refused.text, /spec\.behavior\.scaleUp\.policies: Required value: must specify at least one Policy/);
  const filled = await dryRun(path, { metadata, spec: { ...spec, behavior: { scaleUp: {} } } });
  assert.equal(filled.body.spec.behavior.scaleUp.policies.length, 2);
});

test('a claim for extended resources without anything is refused', async () => {
  const containers = [{ name: 'a', image: 'x' }];
  await api.ask('/api/v1/namespaces/default/serviceaccounts', {
    method: 'POST',
    body: { metadata: { name: 'default' } },
  });
  const pods = '/api/v1/namespaces/default/pods';
  const pod = await api.ask(pods, { method: 'POST', body: { metadata, spec: { containers } } });
  const body = { ...pod.body, status: { ...pod.body.status, extendedResourceClaimStatus: {} } };
  const refused = await api.ask(`${pods}/it/status`, { method: 'PUT', body });
  assert.equal(refused.code, 422);
  assert.match(refused.text, /requestMappings: Required value: at least one request mapping is required/);
});
