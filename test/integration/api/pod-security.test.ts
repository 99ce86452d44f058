import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Deployments } from '../../../src/api/apps/v1/types.ts';
import { Namespaces, Pods, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import type { AuditEvent } from '../../../src/apiserver/request/audit.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const events: AuditEvent[] = [];
const settings = { exemptNamespaces: ['trusted'], exemptUsers: ['robot'] };
let api: HttpsApi;

before(async () => {
  api = await startHttpsApi({
    audit: { record: (event) => void events.push(event) },
    config: { podSecurity: settings },
  });
});
after(() => api[Symbol.asyncDispose]());

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`;

async function space(name: string, labels: Record<string, string>): Promise<string> {
  await api.client.create(Namespaces, { metadata: { name, labels } } as never);
  await api.client.create(ServiceAccounts, { metadata: { name: 'default', namespace: name } });
  return `/api/v1/namespaces/${name}/pods`;
}

const spec = (more: object = {}) => ({ containers: [{ name: 'a', image: 'i' }], ...more });
const pod = (name: string, more: object = {}) => ({ metadata: { name }, spec: spec(more) });
const post = (body: object) => ({ method: 'POST', body });
const warningsOf = ({ headers }: { headers: Record<string, unknown> }) => headers['warning'];

test('what a namespace demands is demanded of its pods, and others are warned of', async () => {
  const pods = await space('strict', { [label('enforce')]: 'baseline', [label('warn')]: 'restricted' });
  const refused = await api.ask(pods, post(pod('host', { hostPID: true })));
  assert.equal(refused.code, 403);
  assert.equal(
    refused.body.message,
    'pods "host" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  );
  assert.equal(warningsOf(refused), undefined);
  const taken = await api.ask(pods, post(pod('plain')));
  assert.equal(taken.code, 201);
  assert.match(
    String(warningsOf(taken)),
    /^299 - "would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false \(container \\"a\\" must set/,
  );
});

test('who only makes pods is warned, by the version of the rules', async () => {
  await space('old', { [label('enforce')]: 'baseline', [label('enforce-version')]: 'v1.20' });
  const template = { metadata: { labels: { app: 'a' } }, spec: spec({ hostIPC: true }) };
  const deployment = { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'a' } }, template } };
  const made = await api.ask('/apis/apps/v1/namespaces/old/deployments', post(deployment));
  assert.equal(made.code, 201);
  assert.equal(
    warningsOf(made),
    '299 - "would violate PodSecurity \\"baseline:v1.20\\": host namespaces (hostIPC=true)"',
  );
  await api.client.get(Deployments, { namespace: 'old', name: 'web' });
});

test('audit is told what was demanded and what was not met', async () => {
  const pods = await space('watched', { [label('audit')]: 'baseline' });
  await api.ask(pods, post(pod('host', { hostPID: true })));
  const said = [...events.at(-1)!.annotations].filter(([key]) => !key.startsWith('authorization.'));
  assert.deepEqual(Object.fromEntries(said), {
    [label('enforce-policy')]: 'privileged:latest',
    [label('audit-violations')]: 'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  });
});

test('who is exempt need not care', async () => {
  const pods = await space('trusted', { [label('enforce')]: 'restricted' });
  assert.equal((await api.ask(pods, post(pod('plain')))).code, 201);
  assert.equal(events.at(-1)!.annotations.get(label('exempt')), 'namespace');
});

test('a label that cannot be read is refused', async () => {
  const asked = await api.ask(
    '/api/v1/namespaces',
    post({ metadata: { name: 'odd', labels: { [label('enforce')]: 'all' } } }),
  );
  assert.equal(asked.code, 422);
  assert.equal(
    asked.body.message,
    'Namespace "odd" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "all": must be one of privileged, baseline, restricted',
  );
});

test('who demands more is told of the pods that are there', async () => {
  const pods = await space('late', {});
  for (const name of ['b', 'a', 'c']) await api.ask(pods, post(pod(name, { hostPID: true })));
  await api.ask(
    pods,
    post(pod('d', { hostIPC: true, containers: [{ name: 'a', image: 'i', securityContext: { privileged: true } }] })),
  );
  const changed = await api.ask('/api/v1/namespaces/late', {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { metadata: { labels: { [label('enforce')]: 'baseline' } } },
  });
  assert.equal(changed.code, 200);
  assert.deepEqual(
    warningsOf(changed),
    [
      '299 - "existing pods in namespace \\"late\\" violate the new PodSecurity enforce level \\"baseline:latest\\""',
      '299 - "a (and 2 other pods): host namespaces"',
      '299 - "d: host namespaces, privileged"',
    ].join(', '),
  );
  const { metadata } = await api.client.get(Pods, { namespace: 'late', name: 'a' });
  const labelled = await api.ask(`${pods}/a`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { metadata: { resourceVersion: metadata.resourceVersion, labels: { a: 'b' } } },
  });
  assert.equal(labelled.code, 200);
});
