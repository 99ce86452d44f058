import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import type { AuditEvent } from '../../../src/apiserver/request/audit.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { AuditTallies } from '../../../src/apiserver/audit/audit-tallies.ts';
import { AuditTrail } from '../../../src/apiserver/audit/audit-trail.ts';
import { policyEvaluator } from '../../../src/apiserver/audit/evaluate-policy.ts';
import type { Event } from '../../../src/apiserver/audit/event.ts';
import type { AuditPolicy } from '../../../src/apiserver/audit/policy.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

/** `jane as joe GET /api/v1/… 403`: what audit was told of one request. */
function textOf({ target, sender, user, failure }: AuditEvent): string {
  const who = sender?.name ?? 'nobody';
  const as = user === sender ? '' : ` as ${user?.name ?? 'nobody'}`;
  const outcome = failure === undefined ? 'done' : isStatus(failure) ? failure.status.code : String(failure);
  return `${who}${as} ${target.method} ${target.path} ${outcome}`;
}

test('audit hears of every request over HTTPS once, of refused ones and of strangers too', async () => {
  const events: AuditEvent[] = [];
  await using api = await startHttpsApi({ audit: { record: (event) => void events.push(event) } });
  events.length = 0;
  const jane = await api.identity('jane');
  const path = '/api/v1/namespaces/default/configmaps';
  await api.ask(path, { method: 'POST', body: { metadata: { name: 'a' } }, headers: { 'audit-id': 'mine' } });
  await api.ask(path, { who: jane });
  await api.ask(path, { headers: { 'impersonate-user': 'joe' } });
  await api.ask(path, { who: jane, headers: { 'impersonate-user': 'joe' } });
  await api.ask(path, { who: null, headers: { authorization: 'Bearer nonsense' } });
  await api.ask(`${path}?watch=1&timeoutSeconds=1`);
  await api.ask('/livez');
  assert.deepEqual(events.map(textOf), [
    `admin POST ${path} done`,
    `jane GET ${path} 403`,
    `admin as joe GET ${path} 403`,
    `jane as nobody GET ${path} 403`,
    `nobody GET ${path} 401`,
    `admin GET ${path} done`,
    'admin GET /livez done',
  ]);
  assert.equal(events[0]!.auditId, 'mine');
});

test('what a controller writes carries its cause to audit', async () => {
  const events: AuditEvent[] = [];
  await using cluster = await startTestCluster({ audit: { record: (event) => void events.push(event) } });
  const labels = { app: 'web' };
  const deployment = await cluster.client.create(Deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    },
  });
  const creation = (resource: string) =>
    events.find(({ target }) => target.isResource && target.verb === 'create' && target.resource === resource);
  await cluster.until(() => creation('pods') !== undefined);
  assert.deepEqual(creation('replicasets')!.cause, {
    controller: 'deployment-controller',
    object: 'Deployment default/web',
    revision: Number(deployment.metadata.resourceVersion),
  });
  const { controller, object } = creation('pods')!.cause!;
  assert.match(`${controller} ${object}`, /^replicaset-controller ReplicaSet default\/web-/);
});

/** What a policy makes events of, and where they go. */
function trailOf(policy: AuditPolicy, clock: Clock = systemClock): { trail: AuditTrail; told: any[] } {
  const told: Event[] = [];
  const backend = { take: (event: Event) => void told.push(event), async [Symbol.asyncDispose]() {} };
  const parts = { tallies: new AuditTallies(), clock, random: systemRandom };
  const trail = new AuditTrail({ evaluate: policyEvaluator(policy), backends: [backend], ...parts });
  return { trail, told };
}

const configMaps = '/api/v1/namespaces/default/configmaps';

test('events have the form that a Kubernetes writes', async () => {
  const { trail, told } = trailOf({
    rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'RequestResponse' }],
  });
  await using api = await startHttpsApi({ audit: trail });
  const body = { metadata: { name: 'a' }, data: { k: 'v' } };
  const headers = { 'audit-id': 'mine', 'x-forwarded-for': '10.1.2.3', 'user-agent': 'test' };
  const { body: created } = await api.ask(`${configMaps}?fieldManager=me`, { method: 'POST', body, headers });
  const [received, complete] = told;
  assert.deepEqual(Object.keys(complete), [
    'kind',
    'apiVersion',
    'level',
    'auditID',
    'stage',
    'requestURI',
    'verb',
    'user',
    'sourceIPs',
    'userAgent',
    'objectRef',
    'responseStatus',
    'requestObject',
    'responseObject',
    'requestReceivedTimestamp',
    'stageTimestamp',
    'annotations',
  ]);
  const { requestReceivedTimestamp, stageTimestamp, user, ...rest } = complete;
  assert.match(requestReceivedTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.ok(stageTimestamp >= requestReceivedTimestamp);
  assert.deepEqual([user.username, user.groups], ['admin', ['system:masters', 'system:authenticated']]);
  assert.deepEqual(rest, {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: 'mine',
    stage: 'ResponseComplete',
    requestURI: `${configMaps}?fieldManager=me`,
    verb: 'create',
    sourceIPs: ['10.1.2.3', '127.0.0.1'],
    userAgent: 'test',
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestObject: { kind: 'ConfigMap', apiVersion: 'v1', ...body },
    responseObject: created,
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
  });
  assert.deepEqual(Object.keys(received).slice(3, 5), ['auditID', 'stage']);
  assert.deepEqual(
    [received.stage, received.annotations, received.responseStatus],
    ['RequestReceived', undefined, undefined],
  );
});

test('bodies are told as Kubernetes tells them: with defaults, options under their inner name, and Tables', async () => {
  const { trail, told } = trailOf({
    omitStages: ['RequestReceived'],
    rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'RequestResponse' }],
  });
  await using api = await startHttpsApi({ audit: trail });
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: -1, odd: 1, selector: { matchLabels: labels }, template };
  await api.ask(deployments, { method: 'POST', body: { metadata: { name: 'web' }, spec } });
  await api.ask(`${configMaps}/none`, { method: 'DELETE', body: { propagationPolicy: 'Background' } });
  await api.ask(configMaps, { method: 'POST', body: { metadata: { name: 'a' } } });
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
  const { body: list } = await api.ask(configMaps, { headers: { accept } });
  const { body: one } = await api.ask(`${configMaps}/a`, { headers: { accept } });
  const [refused, deletion, , ofList, ofOne] = told;
  const { requestObject, responseStatus } = refused;
  assert.equal(responseStatus.code, 422);
  assert.deepEqual(Object.keys(requestObject).slice(0, 3), ['kind', 'apiVersion', 'metadata']);
  assert.deepEqual(requestObject.metadata, { name: 'web' });
  assert.deepEqual([requestObject.spec.odd, requestObject.spec.revisionHistoryLimit], [undefined, 10]);
  assert.equal(requestObject.spec.template.spec.containers[0].imagePullPolicy, 'Always');
  assert.deepEqual(deletion.requestObject, {
    propagationPolicy: 'Background',
    kind: 'DeleteOptions',
    apiVersion: 'meta.k8s.io/__internal',
  });
  assert.deepEqual([ofList.responseObject.kind, ofList.responseObject.rows], ['Table', list.rows]);
  assert.deepEqual([ofOne.responseObject.kind, ofOne.responseObject.rows.length], ['Table', one.rows.length]);
});

test('who wants no bodies is not told the patches of webhooks', async () => {
  const events: AuditEvent[] = [];
  await using api = await startHttpsApi({ audit: { record: (event) => void events.push(event) } });
  await api.ask('/livez');
  const keys = ['mutation', 'patch'].map((word) => `${word}.webhook.admission.k8s.io/round_0_index_0`);
  for (const [level, want] of [
    ['Metadata', keys.slice(0, 1)],
    ['Request', keys],
  ] as const) {
    const { trail, told } = trailOf({ omitStages: ['RequestReceived'], rules: [{ level }] });
    trail.record({ ...events.at(-1)!, annotations: new Map(keys.map((key) => [key, '{}'])) });
    assert.deepEqual(Object.keys(told[0].annotations), want);
  }
});

test('what took more than half a second says how long', async () => {
  const clock = new VirtualClock();
  const { trail, told } = trailOf({ omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] }, clock);
  const events: AuditEvent[] = [];
  await using api = await startHttpsApi({ audit: { record: (event) => void events.push(event) } });
  await api.ask('/livez');
  for (const took of [500, 1500]) {
    const event = { ...events.at(-1)!, arrived: clock.now() };
    trail.received(event);
    await clock.advance(took);
    trail.record(event);
  }
  const key = 'apiserver.latency.k8s.io/total';
  assert.deepEqual(
    told.map(({ annotations }) => annotations?.[key]),
    [undefined, '1.5s'],
  );
});

test('each way that a request can end is told as Kubernetes tells it', async () => {
  const { trail, told } = trailOf({
    omitStages: ['RequestReceived'],
    rules: [{ level: 'None', users: ['system:apiserver'] }, { level: 'RequestResponse' }],
  });
  await using api = await startHttpsApi({ audit: trail });
  const jane = await api.identity('jane');
  await api.ask(`${configMaps}/nix`);
  await api.ask(configMaps, { who: jane });
  await api.ask(configMaps, { who: null, headers: { authorization: 'Bearer nonsense' } });
  await api.ask('/livez');
  await api.ask(`${configMaps}?watch=1&timeoutSeconds=1`);
  await api.ask(`${configMaps}/a`, { headers: { 'impersonate-user': 'joe' } });
  const shown = told.map(
    ({ stage, verb, user, impersonatedUser, objectRef, responseStatus, responseObject, annotations }) => [
      `${stage} ${verb} ${user.username ?? ''} ${impersonatedUser?.username ?? ''} ${objectRef?.name ?? ''}`,
      responseStatus.code,
      responseStatus.reason,
      responseObject?.kind,
      annotations?.['authorization.k8s.io/decision'],
    ],
  );
  assert.deepEqual(shown, [
    ['ResponseComplete get admin  nix', 404, 'NotFound', 'Status', 'allow'],
    ['ResponseComplete list jane  ', 403, 'Forbidden', 'Status', 'forbid'],
    ['ResponseStarted list   ', 401, 'Unauthorized', 'Status', undefined],
    ['ResponseComplete get admin  ', 200, undefined, undefined, 'allow'],
    ['ResponseStarted watch admin  ', 200, undefined, undefined, 'allow'],
    ['ResponseComplete watch admin  ', 200, undefined, undefined, 'allow'],
    ['ResponseComplete get admin joe a', 403, 'Forbidden', 'Status', 'forbid'],
  ]);
  assert.deepEqual(told[0].responseStatus, {
    metadata: {},
    status: 'Failure',
    message: 'configmaps "nix" not found',
    reason: 'NotFound',
    details: { name: 'nix', kind: 'configmaps' },
    code: 404,
  });
});

test('a policy says how much is told: bodies of Secrets only where it asks for them', async () => {
  const { trail, told } = trailOf({
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [
      { level: 'None', users: ['system:apiserver'] },
      { level: 'Metadata', resources: [{ resources: ['secrets'] }] },
      { level: 'Request', verbs: ['patch'] },
      { level: 'RequestResponse' },
    ],
  });
  await using api = await startHttpsApi({ audit: trail });
  const geheim = { metadata: { name: 's' }, stringData: { word: 'geheim' } };
  await api.ask('/api/v1/namespaces/default/secrets', { method: 'POST', body: geheim });
  await api.ask(configMaps, { method: 'POST', body: { metadata: { name: 'a' }, data: { k: 'old' } } });
  const headers = { 'content-type': 'application/merge-patch+json' };
  await api.ask(`${configMaps}/a`, { method: 'PATCH', body: { data: { k: 'v' } }, headers });
  const [secret, created, patched] = told;
  assert.ok(!JSON.stringify(secret).includes('Z2Vo') && !JSON.stringify(secret).includes('geheim'));
  assert.deepEqual([secret.level, secret.objectRef.name], ['Metadata', 's']);
  assert.deepEqual(
    [created.responseObject.kind, created.responseObject.metadata.managedFields],
    ['ConfigMap', undefined],
  );
  assert.deepEqual([patched.requestObject, patched.responseObject], [{ data: { k: 'v' } }, undefined]);
  assert.deepEqual([...trail.tallies.levels].filter(([level]) => level !== 'None').length, 3);
  const { body: maps } = await api.ask(`${configMaps}/a`);
  assert.ok(maps.metadata.managedFields.length > 0, 'what is answered keeps them');
});

test('what a controller writes has its cause among the annotations', async () => {
  const { trail, told } = trailOf({ rules: [{ level: 'Metadata', verbs: ['create'] }] });
  await using cluster = await startTestCluster({ audit: trail });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } };
  await cluster.client.create(Deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: labels }, template },
  });
  const made = () =>
    told.find(({ objectRef, stage }) => objectRef?.resource === 'replicasets' && stage === 'ResponseComplete');
  await cluster.until(() => made() !== undefined);
  assert.match(
    made().annotations['audit.kubeling.dev/cause'],
    /^deployment-controller: Deployment default\/web at \d+$/,
  );
  assert.equal(made().requestURI, '/apis/apps/v1/namespaces/default/replicasets?fieldManager=kube-controller-manager');
  assert.match(made().annotations['authorization.k8s.io/reason'], /^RBAC: allowed by ClusterRoleBinding /);
});
