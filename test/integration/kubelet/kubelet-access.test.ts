import assert from 'node:assert/strict';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { ClusterRoleBindings, ClusterRoles } from '../../../src/api/rbac/v1/types.ts';
import { createAuthority, issueCertificate, type KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { hostOf } from '../../../src/kubelet/kubelet-host.ts';
import { reviewedAccess } from '../../../src/kubelet/server/access/reviewed-access.ts';
import { startKubeletServer } from '../../../src/kubelet/server/kubelet-server.ts';
import { startTestCluster, type TestCluster } from '../../../src/main/testing.ts';

const sources = { clock: systemClock, random: systemRandom };
const node = 'node-1';

interface Identity {
  readonly certificate?: KeyAndCertificate;
  readonly token?: string;
}

describe('a kubelet asks the API server who may use it', () => {
  const opened = new AsyncDisposableStack();
  const who: Record<string, Identity> = { nobody: {}, liar: { token: 'made-up' } };
  let cluster: TestCluster;
  let port: number;
  let authority: KeyAndCertificate;

  before(async () => {
    cluster = opened.use(await startTestCluster());
    authority = await createAuthority({ commonName: 'cluster', days: 1 }, sources);
    const stranger = await createAuthority({ commonName: 'another cluster', days: 1 }, sources);
    const issue = (commonName: string, organizations: string[] = [], by = authority) =>
      issueCertificate(by, { commonName, organizations, usage: 'client', days: 1 }, sources);
    who['admin'] = { certificate: await issue('admin', ['system:masters']) };
    who['API server'] = { certificate: await issue('kube-apiserver-kubelet-client', ['kubeadm:cluster-admins']) };
    who['stranger'] = { certificate: await issue('admin', ['system:masters'], stranger) };
    who['another node'] = { certificate: await issue('system:node:node-2', ['system:nodes']) };
    who['scraper'] = { certificate: await issue('scraper') };
    for (const name of ['prometheus', 'prober', 'proxy']) who[name] = { token: await tokenOf(name) };
    await grant('scraper', { kind: 'User', name: 'scraper' }, 'nodes/metrics');
    await grant('prometheus', account('prometheus'), 'nodes/metrics', 'nodes/stats');
    await grant('prober', account('prober'), 'nodes/healthz');
    await grant('proxy', account('proxy'), 'nodes/proxy');

    const served = await issueCertificate(
      authority,
      { commonName: `system:node:${node}`, addresses: ['127.0.0.1'], usage: 'both', days: 1 },
      sources,
    );
    const { kubelet, runtime, usage } = cluster.node(node);
    const client = cluster.clientOf({ name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] });
    const server = await startKubeletServer({
      host: '127.0.0.1',
      port: 0,
      certificate: served.certificate,
      key: served.key,
      clientAuthority: authority.certificate,
      kubelet: hostOf({ nodeName: node, kubelet, runtime, usage }),
      access: reviewedAccess({ client, clock: systemClock, nodeName: node }),
      clock: systemClock,
      log: silentLogger,
    });
    port = opened.use(server).port;
  });
  after(() => opened.disposeAsync());

  function account(name: string) {
    return { kind: 'ServiceAccount', name, namespace: 'default' };
  }

  async function tokenOf(name: string): Promise<string> {
    await cluster.client.create(ServiceAccounts, { metadata: { name, namespace: 'default' } });
    const answer = await cluster.client.post(ServiceAccounts, { namespace: 'default', name }, 'token', {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      spec: {},
    });
    return (answer as { status: { token: string } }).status.token;
  }

  async function grant(name: string, subject: { kind: string; name: string }, ...resources: string[]): Promise<void> {
    const metadata = { name };
    await cluster.client.create(ClusterRoles, { metadata, rules: [{ apiGroups: [''], resources, verbs: ['get'] }] });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
    await cluster.client.create(ClusterRoleBindings, { metadata, roleRef, subjects: [subject] });
  }

  async function ask(
    name: string,
    path: string,
    method = 'GET',
  ): Promise<{ code: number; type: string; body: string }> {
    const { certificate, token } = who[name]!;
    const call = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      agent: false,
      ca: authority.certificate,
      ...(certificate && { cert: certificate.certificate, key: certificate.key }),
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
    });
    const answered = new Promise<{ code: number; type: string; body: string }>((resolve, reject) => {
      call.once('error', reject);
      call.once('response', (answer) => {
        const [code, type] = [answer.statusCode ?? 0, answer.headers['content-type'] ?? ''];
        text(answer).then((body) => resolve({ code, type, body }), reject);
      });
    });
    call.end();
    return answered;
  }

  const paths = ['/metrics', '/metrics/resource', '/stats/summary', '/healthz', '/pods', '/'] as const;
  /** The codes of the paths above, in their order. */
  const rows: [who: string, ...codes: number[]][] = [
    ['admin', 200, 200, 200, 200, 200, 404],
    ['API server', 200, 200, 200, 200, 200, 404],
    ['nobody', 401, 401, 401, 401, 401, 401],
    ['liar', 401, 401, 401, 401, 401, 401],
    ['stranger', 401, 401, 401, 401, 401, 401],
    ['another node', 403, 403, 403, 403, 403, 403],
    ['scraper', 200, 200, 403, 403, 403, 403],
    ['prometheus', 200, 200, 200, 403, 403, 403],
    ['prober', 403, 403, 403, 200, 403, 403],
    ['proxy', 403, 403, 403, 200, 200, 404],
  ];
  for (const [name, ...codes] of rows)
    test(`${name} gets ${codes.join(' ')}`, async () => {
      const answers = await Promise.all(paths.map((path) => ask(name, path)));
      assert.deepEqual(
        answers.map(({ code }) => code),
        codes,
      );
    });

  test('a refusal says what is missing', async () => {
    const { body } = await ask('scraper', '/healthz');
    assert.equal(body, 'Forbidden (user=scraper, verb=get, resource=nodes, subresource(s)=[healthz proxy])\n');
    assert.equal((await ask('scraper', '/metrics', 'POST')).code, 403);
    assert.equal((await ask('nobody', '/')).body, 'Unauthorized');
  });

  test('a path is judged as it is served', async () => {
    for (const path of ['/metrics/../pods', '/metrics/%2e%2e/pods', '/metrics/..%2fpods', '/%6detrics', '//metrics'])
      assert.ok([403, 404].includes((await ask('scraper', path)).code), path);
  });

  test('what is measured is in the forms that clients read', async () => {
    const metrics = await ask('admin', '/metrics/resource');
    assert.match(metrics.type, /^text\/plain; version=0\.0\.4/);
    assert.match(metrics.body, /^node_cpu_usage_seconds_total 0 \d+$/m);
    assert.match(metrics.body, /^resource_scrape_error 0$/m);
    const summary = await ask('admin', '/stats/summary');
    assert.deepEqual([summary.type, JSON.parse(summary.body).node.nodeName], ['application/json', node]);
    assert.match((await ask('admin', '/metrics')).body, /^kubelet_node_name\{node="node-1"\} 1$/m);
  });
});
