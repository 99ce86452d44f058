import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Namespaces, Nodes, Secrets } from '../../../src/api/core/v1/types.ts';
import { IngressClasses, Ingresses } from '../../../src/api/networking/v1/types.ts';
import type { KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { agentUser } from '../../../src/local/program-config.ts';
import { startHttpsApi, type Asked, type HttpsApi } from '../../kit/https-api.ts';

/** Whoever has root on a node has these identities: what they may do is all that a lost node costs. */
const identities = ['proxy', 'dns', 'ingress', 'volumes'] as const;
type Name = (typeof identities)[number];

let api: HttpsApi;
const who = {} as Record<Name, KeyAndCertificate>;

before(async () => {
  api = await startHttpsApi();
  const { client } = api;
  for (const name of identities) {
    const user = agentUser(name, 'one');
    who[name] = await api.identity(user.name, user.groups);
  }
  for (const name of ['one', 'two']) await client.create(Nodes, { metadata: { name }, spec: {} });
  await client.create(Namespaces, { metadata: { name: 'bank' }, spec: {} });
  for (const name of ['cert', 'other-cert', 'token']) {
    const metadata = { name, namespace: 'default' };
    await client.create(Secrets, { metadata });
    await client.create(Secrets, { metadata: { ...metadata, namespace: 'bank' } });
  }
  for (const [name, controller] of [
    ['nginx', 'k8s.io/ingress-nginx'],
    ['other', 'example.com/other'],
  ] as const)
    await client.create(IngressClasses, { metadata: { name }, spec: { controller } });
  for (const [name, ingressClassName, secretName] of [
    ['web', 'nginx', 'cert'],
    ['strange', 'other', 'other-cert'],
  ] as const)
    await client.create(Ingresses, {
      metadata: { name, namespace: 'default' },
      spec: { ingressClassName, tls: [{ secretName }], rules: [{ host: `${name}.example.com` }] },
    });
});
after(() => api[Symbol.asyncDispose]());

const secrets = '/api/v1/namespaces/default/secrets';
const networking = '/apis/networking.k8s.io/v1';
const selecting = (name: string) => `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
const patch = (body: object): Asked => ({
  method: 'PATCH',
  headers: { 'content-type': 'application/strategic-merge-patch+json' },
  body,
});
const condition = (type: string): Asked => patch({ status: { conditions: [{ type, status: 'True' }] } });
const event = (kind: string): Asked => ({
  method: 'POST',
  body: {
    metadata: { generateName: 'e-', namespace: 'default' },
    involvedObject: { kind, name: 'web', namespace: 'default' },
    reason: 'Told',
  },
});

/** For each request, who may make it; everybody else is told 403. */
const rows: readonly [path: string, may: readonly Name[], asked?: Asked][] = [
  ['/api/v1/services', ['proxy', 'dns', 'ingress']],
  ['/apis/discovery.k8s.io/v1/endpointslices', ['proxy', 'dns', 'ingress']],
  ['/api/v1/nodes', ['proxy', 'ingress']],
  ['/api/v1/nodes/one', ['proxy', 'volumes']],
  ['/api/v1/namespaces', ['proxy', 'dns']],
  ['/api/v1/pods', ['proxy']],
  [`${networking}/networkpolicies`, ['proxy']],
  [`${networking}/ingresses`, ['ingress']],
  [`${networking}/ingressclasses`, ['ingress']],
  ['/api/v1/persistentvolumes', ['volumes']],
  ['/api/v1/persistentvolumeclaims', ['volumes']],
  ['/api/v1/configmaps', []],
  ['/api/v1/serviceaccounts', []],
  ['/api/v1/namespaces/default/serviceaccounts/default/token', [], { method: 'POST', body: {} }],
  ['/api/v1/secrets', []],
  [`/api/v1/secrets?${selecting('cert')}`, []],
  [secrets, []],
  [`${secrets}?${selecting('cert')}`, ['ingress']],
  [`${secrets}?watch=1&timeoutSeconds=1&${selecting('cert')}`, ['ingress']],
  [`${secrets}?fieldSelector=${encodeURIComponent('metadata.name!=cert')}`, []],
  [`${secrets}?${selecting('token')}`, []],
  [`/api/v1/watch/namespaces/default/secrets?timeoutSeconds=1`, []],
  [`/api/v1/watch/namespaces/default/secrets/token?timeoutSeconds=1`, []],
  [`${secrets}/cert`, ['ingress']],
  [`${secrets}/other-cert`, []],
  [`${secrets}/token`, []],
  ['/api/v1/namespaces/bank/secrets/cert', []],
  [`${secrets}/cert`, [], patch({ data: {} })],
  [`${secrets}/cert`, [], { method: 'DELETE' }],
  ['/api/v1/nodes/one/status', ['ingress'], condition('IngressReady')],
  ['/api/v1/nodes/one/status', [], condition('Ready')],
  ['/api/v1/nodes/one/status', [], patch({ metadata: { labels: { a: 'b' } } })],
  ['/api/v1/nodes/one/status', [], patch({ status: { addresses: [{ type: 'InternalIP', address: '192.0.2.9' }] } })],
  ['/api/v1/nodes/two/status', [], condition('IngressReady')],
  ['/api/v1/nodes/one', [], patch({ spec: { unschedulable: true } })],
  [`${networking}/namespaces/default/ingresses/strange/status`, [], { method: 'PUT', body: {} }],
  [`${networking}/namespaces/default/ingresses/web`, [], patch({ spec: {} })],
  [`${networking}/namespaces/default/ingresses`, [], { method: 'POST', body: {} }],
  ['/api/v1/namespaces/default/events', ['proxy', 'ingress', 'volumes'], event('Ingress')],
  ['/api/v1/namespaces/default/events', ['proxy', 'volumes'], event('Pod')],
  ['/api/v1/events', []],
];
for (const [path, may, asked] of rows)
  test(`${asked?.method ?? 'GET'} ${path} ${JSON.stringify(asked?.body ?? '')}: ${may.join(', ') || 'none of them'}`, async () => {
    const answers = await Promise.all(identities.map((name) => api.ask(path, { who: who[name], ...asked })));
    const codes = Object.fromEntries(identities.map((name, at) => [name, answers[at]!.code === 403 ? 403 : 'may']));
    const want = Object.fromEntries(identities.map((name) => [name, may.includes(name) ? 'may' : 403]));
    assert.deepEqual(codes, want, answers.map(({ text }) => text).join('\n'));
    for (const { code } of answers) assert.ok(code === 403 || code < 300, `${code}`);
  });

test('the ingress of a node writes the status of what it serves, as it stands', async () => {
  const { client } = api;
  const web = await client.get(Ingresses, { name: 'web', namespace: 'default' });
  const body = { ...web, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
  const path = `${networking}/namespaces/default/ingresses/web/status`;
  const { code, text } = await api.ask(path, { who: who.ingress, method: 'PUT', body });
  assert.equal(code, 200, text);
  for (const more of [
    { annotations: { 'nginx.ingress.kubernetes.io/permanent-redirect': 'https://elsewhere.example.com' } },
    { labels: { a: 'b' } },
    { finalizers: ['example.com/never'] },
    { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'gone' }] },
  ]) {
    const now = await client.get(Ingresses, { name: 'web', namespace: 'default' });
    const wanted = { ...now, metadata: { ...now.metadata, ...more } };
    const told = await api.ask(path, { who: who.ingress, method: 'PUT', body: wanted });
    assert.equal(told.code, 403, told.text);
  }
});

test('the ingress of a node reports for itself only', async () => {
  const ask = (query: string) =>
    api.ask(`/kubeling/v1/applied?${query}`, { who: who.ingress, method: 'POST', body: '' });
  for (const [query, code] of [
    ['node=one&component=ingress', 200],
    ['node=two&component=ingress', 403],
    ['node=one&component=kube-proxy', 403],
  ] as const)
    assert.equal((await ask(query)).code, code, query);
});
