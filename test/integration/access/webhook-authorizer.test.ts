import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import type { AuthorizationConfiguration } from '../../../src/apiserver/configuration/authorization-configuration.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startReviewServer, type TestReviewServer } from '../../kit/review-server.ts';

let reviews: TestReviewServer;
let api: HttpsApi;
let ann: KeyAndCertificate;
const file = '/kubeconfig';

/** Lets ann read config maps of `default`, denies her secrets, breaks for the namespace `broken`, knows nothing else. */
function status({ user, resourceAttributes: what = {} }: Record<string, any>): object | number {
  if (what.namespace === 'broken') return 404;
  if (user !== 'ann') return { allowed: false };
  if (what.resource === 'secrets') return { allowed: false, denied: true, reason: 'not for you' };
  const reads = ['get', 'list', 'update', 'create', 'escalate'].includes(what.verb);
  return { allowed: reads && ['configmaps', 'clusterroles'].includes(what.resource), reason: 'by hand' };
}

before(async () => {
  reviews = await startReviewServer(status);
  const webhook = {
    timeout: '3s',
    authorizedTTL: '5m0s',
    unauthorizedTTL: '30s',
    cacheAuthorizedRequests: true,
    cacheUnauthorizedRequests: true,
    subjectAccessReviewVersion: 'v1',
    matchConditionSubjectAccessReviewVersion: 'v1',
    failurePolicy: 'NoOpinion',
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: file },
    matchConditions: [
      { expression: "!(request.user.startsWith('system:'))" },
      { expression: "has(request.resourceAttributes) && request.resourceAttributes.resource != 'nodes'" },
    ],
  };
  const authorization: AuthorizationConfiguration = {
    authorizers: [
      { type: 'Webhook', name: 'by-hand', webhook },
      { type: 'Node', name: 'node' },
      { type: 'RBAC', name: 'rbac' },
    ],
  };
  api = await startHttpsApi({ configuration: { authorization }, reviewServers: new Map([[file, reviews.server]]) });
  await api.client.create(ConfigMaps, { metadata: { name: 'a', namespace: 'default' } });
  ann = await api.identity('ann', ['devs']);
});
after(async () => {
  await api[Symbol.asyncDispose]();
  await reviews[Symbol.asyncDispose]();
});

async function asks(path: string, options: { method?: string; body?: unknown; who?: KeyAndCertificate } = {}) {
  const { code, body } = await api.ask(path, { who: ann, ...options });
  return code < 300 ? code : `${code} ${body.message}`;
}
const configMaps = '/api/v1/namespaces/default/configmaps';
const cannot = (what: string, where: string) => `User "ann" cannot ${what} in API group "" ${where}`;

test('who is let in by the webhook gets in, and the webhook is asked once for the same', async () => {
  assert.equal(await asks(`${configMaps}/a`), 200);
  assert.equal(await asks(`${configMaps}/a`), 200);
  const [{ resourceAttributes, user, groups }] = reviews.asked as [Record<string, any>];
  assert.equal(reviews.asked.length, 1);
  assert.deepEqual(resourceAttributes, {
    namespace: 'default',
    verb: 'get',
    version: 'v1',
    resource: 'configmaps',
    name: 'a',
  });
  assert.deepEqual([user, groups], ['ann', ['devs', 'system:authenticated']]);
});

test('who is denied is not asked about any more, who is not let in is asked about by roles', async () => {
  const denied = cannot('get resource "secrets"', 'in the namespace "default": not for you');
  assert.equal(await asks('/api/v1/namespaces/default/secrets/a'), `403 secrets "a" is forbidden: ${denied}`);
  const unknown = cannot('list resource "pods"', 'at the cluster scope: by hand');
  assert.equal(await asks('/api/v1/pods'), `403 pods is forbidden: ${unknown}`);
});

test('the webhook sees selectors, and is not asked where its conditions do not hold', async () => {
  await asks(`${configMaps}?fieldSelector=metadata.name%3Da&labelSelector=tier+in+(a,b)`);
  const { fieldSelector, labelSelector } = reviews.asked.at(-1)!['resourceAttributes'];
  assert.deepEqual(fieldSelector.requirements, [{ key: 'metadata.name', operator: 'In', values: ['a'] }]);
  assert.deepEqual(labelSelector.requirements, [{ key: 'tier', operator: 'In', values: ['a', 'b'] }]);
  const before = reviews.asked.length;
  await asks('/api/v1/nodes');
  await asks('/version');
  assert.equal(reviews.asked.length, before);
});

test('a webhook that fails has no opinion, and what nobody else allows is an error', async () => {
  assert.match(String(await asks('/api/v1/namespaces/broken/pods')), /^500 .*the server answered with status 404/);
  assert.equal(
    await asks('/api/v1/namespaces/broken/pods', { who: await api.identity('root', ['system:masters']) }),
    200,
  );
});

test('rights that are asked for on the way are asked of the webhook too', async () => {
  const role = { metadata: { name: 'wide' }, rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] };
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', ...role };
  assert.equal(await asks('/apis/rbac.authorization.k8s.io/v1/clusterroles', { method: 'POST', body }), 201);
  assert.ok(await api.client.get(ClusterRoles, { name: 'wide' }));
});

test('reviews are answered by the webhook, and rules are said to be incomplete', async () => {
  const group = '/apis/authorization.k8s.io/v1';
  const post = async (kind: string, path: string, spec: unknown) => {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec };
    return (await api.ask(`${group}/${path}`, { method: 'POST', body })).body.status;
  };
  const resourceAttributes = { verb: 'get', resource: 'configmaps', version: 'v1' };
  assert.deepEqual(await post('SubjectAccessReview', 'subjectaccessreviews', { user: 'ann', resourceAttributes }), {
    allowed: true,
    reason: 'by hand',
  });
  const rules = await post('SelfSubjectRulesReview', 'selfsubjectrulesreviews', { namespace: 'default' });
  assert.equal(rules.incomplete, true);
  assert.equal(rules.evaluationError, 'webhook authorizer does not support user rule resolution');
});

test('what authorizers decide is counted', async () => {
  const { text } = await api.ask('/metrics');
  for (const line of [
    'apiserver_authorization_decisions_total{type="Webhook",name="by-hand",decision="denied"} 1',
    'apiserver_authorization_webhook_evaluations_total{name="by-hand",result="error"} 1',
    'apiserver_authorization_webhook_duration_seconds_count{name="by-hand",result="error"} 1',
    'apiserver_authorization_webhook_evaluations_fail_open_total{name="by-hand",result="error"} 1',
    'authorization_attempts_total{result="error"} 1',
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
  assert.match(
    text,
    /^apiserver_authorization_decisions_total\{type="Webhook",name="by-hand",decision="allowed"\} \d+$/m,
  );
});
