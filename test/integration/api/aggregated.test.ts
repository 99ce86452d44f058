import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { isIPv4, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { APIServices, type APIService } from '../../../src/api/apiregistration/v1/types.ts';
import { ConfigMaps, Services } from '../../../src/api/core/v1/types.ts';
import { EndpointSlices } from '../../../src/api/discovery/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import type { RemoteApiService } from '../../../src/apiserver/aggregation/aggregated-versions.ts';
import { frontProxyName } from '../../../src/apiserver/aggregation/front-proxy.ts';
import { createAuthority, issueCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { createInformerFactory } from '../../../src/client/informer-factory.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import {
  apiServiceAvailability,
  type AskForDiscovery,
} from '../../../src/controllers/api-registration/availability.ts';
import { startControllers } from '../../../src/reconciler/run-controller.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

/** A server behind a Service is not on loopback. */
const address = Object.values(networkInterfaces())
  .flat()
  .find((one) => one !== undefined && isIPv4(one.address) && !one.internal)?.address;
const skip = address === undefined ? 'this machine has no address but that of loopback' : false;

const sources = { clock: systemClock, random: systemRandom };
const group = 'wardle.example.com';
const discovery = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${group}/v1`,
  resources: [
    {
      name: 'flunders',
      singularName: 'flunder',
      namespaced: true,
      kind: 'Flunder',
      verbs: ['create', 'get', 'list', 'watch', 'juggle'],
      shortNames: ['fl'],
    },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
    { name: 7 },
  ],
};

describe('versions that another server answers', { skip }, () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  let caBundle: string;
  /** Whether the other server is well. */
  let isWell = true;

  before(async () => {
    const proxy = await createAuthority({ commonName: 'front-proxy-ca', days: 1 }, sources);
    const client = await issueCertificate(proxy, { commonName: frontProxyName, usage: 'client', days: 1 }, sources);
    const own = await createAuthority({ commonName: 'ext-ca', days: 1 }, sources);
    caBundle = Buffer.from(own.certificate).toString('base64');
    const names = { commonName: 'ext', dnsNames: ['ext.default.svc'] };
    const { certificate, key } = await issueCertificate(own, { ...names, usage: 'server', days: 1 }, sources);
    const tls = { cert: certificate, key, ca: proxy.certificate, requestCert: true, rejectUnauthorized: true };
    const server = createServer(tls, (request, response) => {
      const answer = (code: number, body: unknown): void =>
        void response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!isWell) return answer(500, {});
      if (request.url === `/apis/${group}/v1`) return answer(200, discovery);
      if (request.url === '/openapi/v3')
        return answer(200, {
          paths: { [`apis/${group}/v1`]: { serverRelativeURL: `/openapi/v3/apis/${group}/v1?hash=1` } },
        });
      if (request.url?.endsWith('watch=1')) {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"type":"ADDED"}\n');
        return void nextTurn().then(() => response.end('{"type":"DELETED"}\n'));
      }
      void text(request).then((body) => answer(200, { ...toldOf(request), body }));
    }).listen(0, address);
    await once(server, 'listening');
    opened.defer(() => void (server.close(), server.closeAllConnections()));
    const { port } = server.address() as AddressInfo;

    api = opened.use(await startHttpsApi({ frontProxy: { authority: proxy.certificate, client } }));
    startAvailability();
    const metadata = { namespace: 'default', name: 'ext' };
    await api.client.create(Services, { metadata, spec: { ports: [{ port: 443 }] } });
    await api.client.create(EndpointSlices, {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'ext' } },
      addressType: 'IPv4',
      ports: [{ name: '', port }],
      endpoints: [{ addresses: [address!] }],
    });
    await register('v1', { caBundle });
    await availability('v1', ({ status }) => status === 'True');
  });
  after(() => opened.disposeAsync());

  /** Its controller, with the rights that it has. */
  function startAvailability(): void {
    const stop = new AbortController();
    const user = { name: 'system:kubeling-apiservice-availability', groups: ['system:authenticated'] };
    const client = createClient(api.server.transport(user, 'test'));
    const parts = { clock: systemClock, random: systemRandom, log: silentLogger, signal: stop.signal };
    const informers = createInformerFactory(client, parts);
    const ask: AskForDiscovery = (service, signal) =>
      api.server.remoteDiscovery.ask(service as RemoteApiService, signal);
    const { stopped } = startControllers([apiServiceAvailability(ask)], { ...parts, informers, client: () => client });
    opened.defer(async () => (stop.abort(), await stopped));
  }

  async function register(version: string, more: Partial<APIService['spec']>): Promise<void> {
    await api.client.create(APIServices, {
      metadata: { name: `${version}.${group}` },
      spec: {
        group,
        version,
        groupPriorityMinimum: 2000,
        versionPriority: 10,
        service: { namespace: 'default', name: 'ext' },
        ...more,
      },
    });
  }

  /** The condition, once it is what is wanted. */
  async function availability(version: string, isWanted: (condition: { status: string; reason?: string }) => boolean) {
    const stop = new AbortController();
    const options = { fieldSelector: `metadata.name=${version}.${group}`, resourceVersion: '0', signal: stop.signal };
    try {
      for await (const { object } of api.client.watch(APIServices, options)) {
        const [condition] = (object as APIService).status?.conditions ?? [];
        if (condition !== undefined && isWanted(condition)) return condition;
      }
      return assert.fail('the watch has ended');
    } finally {
      stop.abort();
    }
  }

  test('a request is passed on as who asks, and nobody can say to be another', async () => {
    const jane = await api.identity('jane', ['readers']);
    await api.client.create(ClusterRoles, {
      metadata: { name: 'flunders' },
      rules: [{ apiGroups: [group], resources: ['flunders'], verbs: ['get', 'create'] }],
    });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'flunders' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }];
    await api.client.create(ClusterRoleBindings, { metadata: { name: 'flunders' }, roleRef, subjects });
    const path = `/apis/${group}/v1/namespaces/default/flunders`;
    const headers = { 'X-Remote-User': 'admin', 'X-Remote-Group': 'system:masters', authorization: 'Bearer x' };

    const { code, body } = await api.ask(`${path}/one?a=b`, { who: jane, headers });
    assert.equal(code, 200);
    assert.deepEqual(body, {
      method: 'GET',
      url: `${path}/one?a=b`,
      user: 'jane',
      groups: 'readers, system:authenticated',
      peer: frontProxyName,
      body: '',
    });
    const made = await api.ask(path, { who: jane, method: 'POST', body: { kind: 'Flunder' } });
    assert.equal(made.body.body, '{"kind":"Flunder"}');
    const refused = await api.ask(path, { who: jane, method: 'DELETE' });
    assert.equal(refused.code, 403);
  });

  test('what was authorized is what the other server is asked for', async () => {
    const path = `/apis/${group}/v1/namespaces/default/flunders`;
    const { body } = await api.ask(`//apis/${group}/v1/namespaces/default/flunders/a%2e%2e%3fb`);
    assert.equal(body.url, `${path}/a..%3Fb`);
  });

  test('no other path and no other method is asked for than was authorized', async () => {
    const base = `/apis/${group}/v1`;
    for (const path of [
      `${base}/namespaces/a/flunders/x/../../../b/flunders/y`,
      `${base}/namespaces/a/flunders/%2e%2e`,
      `${base}/namespaces/a/flunders/x/status/../../..`,
    ])
      assert.ok([400, 404].includes((await api.ask(path)).code), path);
    const { code } = await api.ask(`${base}/watch/namespaces/a/flunders/x`, { method: 'DELETE' });
    assert.equal(code, 405);
  });

  test("Kubernetes' own versions are answered here, whatever an APIService says", async () => {
    const elsewhere = { service: { namespace: 'default', name: 'nowhere' } };
    const apps = await api.client.get(APIServices, { name: 'v1.apps' });
    await api.client.update(APIServices, { ...apps, spec: { ...apps.spec, ...elsewhere } });
    assert.equal((await api.ask('/apis/apps/v1/deployments')).code, 200);
    const name = 'v1.apiregistration.k8s.io';
    const spec = { group: 'apiregistration.k8s.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 };
    await api.client.create(APIServices, { metadata: { name }, spec: { ...spec, ...elsewhere } });
    assert.equal((await api.ask(`/apis/apiregistration.k8s.io/v1/apiservices/${name}`)).code, 200);
    await api.client.delete(APIServices, { name });
  });

  test('a caller in this process reads it too, and writes nothing', async () => {
    const type = {
      group,
      version: 'v1',
      kind: 'Flunder',
      resource: 'flunders',
      singular: 'flunder',
      namespaced: true,
      definition: '',
    };
    const told = (await api.client.get(type, { namespace: 'default', name: 'a' })) as unknown as {
      url: string;
      user: string;
    };
    assert.deepEqual([told.url, told.user], [`/apis/${group}/v1/namespaces/default/flunders/a`, 'system:apiserver']);
    await assert.rejects(api.client.delete(type, { namespace: 'default', name: 'a' }), /does not allow this method/);
  });

  test('a watch comes as it is written', async () => {
    const { text: lines } = await api.ask(`/apis/${group}/v1/flunders?watch=1`);
    assert.equal(lines, '{"type":"ADDED"}\n{"type":"DELETED"}\n');
  });

  test('discovery and OpenAPI tell of it', async () => {
    const { body: groups } = await api.ask('/apis');
    const names = groups.groups.map(({ name }: { name: string }) => name);
    assert.equal(names.at(-1), group);
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body: all } = await api.ask('/apis', { headers: { accept } });
    const told = all.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === group);
    assert.deepEqual(told.versions, [
      {
        version: 'v1',
        resources: [
          {
            resource: 'flunders',
            responseKind: { group: '', version: '', kind: 'Flunder' },
            scope: 'Namespaced',
            singularResource: 'flunder',
            verbs: ['create', 'get', 'list', 'watch'],
            shortNames: ['fl'],
            subresources: [
              { subresource: 'status', responseKind: { group: '', version: '', kind: 'Flunder' }, verbs: ['get'] },
            ],
          },
        ],
        freshness: 'Current',
      },
    ]);
    assert.deepEqual((await api.ask(`/apis/${group}/v1`)).body, discovery);
    const { body: index } = await api.ask('/openapi/v3');
    assert.equal(index.paths[`apis/${group}/v1`].serverRelativeURL, `/openapi/v3/apis/${group}/v1?hash=1`);
    assert.equal((await api.ask(`/openapi/v3/apis/${group}/v1?hash=1`)).body.user, 'admin');
  });

  test('a server that cannot be believed, is missing or ill is not asked, and the APIService says why', async () => {
    await register('v2', { service: { namespace: 'default', name: 'other' } });
    const missing = await availability('v2', () => true);
    assert.deepEqual(
      [missing.reason, missing.message],
      ['ServiceNotFound', 'service/other in "default" is not present'],
    );
    await register('v3', { service: { namespace: 'default', name: 'ext', port: 8443 } });
    const deaf = await availability('v3', () => true);
    assert.deepEqual(
      [deaf.reason, deaf.message],
      ['ServicePortError', 'service/ext in "default" is not listening on port 8443'],
    );
    await register('v4', {});
    const unknown = await availability('v4', () => true);
    assert.equal(unknown.reason, 'FailedDiscoveryCheck');
    assert.match(unknown.message!, /x509: certificate signed by unknown authority$/);
    const { code, text: said } = await api.ask(`/apis/${group}/v4/flunders`);
    assert.deepEqual([code, said], [503, 'service unavailable\n']);

    isWell = false;
    await register('v5', { caBundle });
    const ill = await availability('v5', () => true);
    assert.equal(ill.reason, 'FailedDiscoveryCheck');
    assert.match(ill.message!, /^failing or missing response from https:.*: bad status from https:.*\/v5: 500$/);
    isWell = true;
  });

  test('other servers find whom to believe in a ConfigMap', async () => {
    const { data = {} } = await api.client.get(ConfigMaps, {
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    });
    assert.equal(data['requestheader-allowed-names'], '["front-proxy-client"]');
    assert.match(data['requestheader-client-ca-file'] ?? '', /^-----BEGIN CERTIFICATE-----/);
    assert.match(data['client-ca-file'] ?? '', /^-----BEGIN CERTIFICATE-----/);
  });
});

function toldOf({ method, url, headers, socket }: IncomingMessage) {
  const peer = (socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate();
  return { method, url, user: headers['x-remote-user'], groups: headers['x-remote-group'], peer: peer.subject.CN };
}
