import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import type { AuditEvent } from '../../../src/apiserver/request/audit.ts';
import { isStatus } from '../../../src/apimachinery/status.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
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
