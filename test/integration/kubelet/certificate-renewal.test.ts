import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { checkServerIdentity, connect } from 'node:tls';
import { dump } from 'js-yaml';
import { SelfSubjectReviews } from '../../../src/api/authentication/v1/types.ts';
import { Nodes } from '../../../src/api/core/v1/types.ts';
import { issueCertificate, type KeyAndCertificate } from '../../../src/apiserver/auth/certificates.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { systemRandom } from '../../../src/base/system-random.ts';
import { accessOf, readKubeconfig, withIdentity, type Kubeconfig } from '../../../src/client/node/kubeconfig.ts';
import { createHttpTransport } from '../../../src/client/node/http-transport.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import type { KubeletHost } from '../../../src/kubelet/server/kubelet-host.ts';
import { startKubeletServer } from '../../../src/kubelet/server/kubelet-server.ts';
import { identityText, parseIdentity } from '../../../src/local/identity.ts';
import { nodePki } from '../../../src/local/program-config.ts';
import { connectAs } from '../../../src/main/agent-client.ts';
import { keepAlive } from '../../../src/main/keep-alive.ts';
import { renewServing } from '../../../src/main/renewal/renew-serving.ts';
import { startServer, type RunningServer } from '../../../src/main/server.ts';

/** A whole server with files of its own, and what agents of a node are to it; of all certificates little is left. */
const sources = { clock: systemClock, random: systemRandom, log: silentLogger };
const address = '127.0.0.1';
/** Of the node. What it shows is looked at on a loopback address, which is no node's. */
const nodeAddress = '192.0.2.7';
const yearMs = 365 * 86_400_000;

describe('an agent whose certificates are about to end', () => {
  let folder: string;
  let server: RunningServer;
  let authority: KeyAndCertificate;
  const stack = new AsyncDisposableStack();

  before(async () => {
    stack.use(keepAlive());
    folder = await mkdtemp(join(tmpdir(), 'kubeling-renewal-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const settings = {
      data: folder,
      pki: join(folder, 'pki'),
      host: address,
      port: 0,
      serviceCidr: '10.96.0.0/16',
      nodeAddresses: { one: nodeAddress },
      podCidr: '10.244.0.0/16',
    };
    server = stack.use(await startServer(settings, sources));
    const read = (name: string) => readFile(join(settings.pki, name), 'utf8');
    authority = { certificate: await read('ca.crt'), key: await read('ca.key') };
    const admin = withIdentity(kubeconfig(), { certificate: await read('admin.crt'), key: await read('admin.key') });
    const transport = stack.use(createHttpTransport(await accessOf(admin), { clock: systemClock, userAgent: 'test' }));
    const client = createClient(transport);
    await client.create(Nodes, { metadata: { name: 'one' }, spec: {} });
    const body = { status: { addresses: [{ type: 'InternalIP', address: nodeAddress }] } };
    await client.patch(Nodes, { name: 'one' }, { type: 'merge', body }, { subresource: 'status' });
  });
  after(() => stack.disposeAsync());

  function kubeconfig(): Kubeconfig {
    const name = 'test';
    const data = Buffer.from(authority.certificate).toString('base64');
    return {
      clusters: [
        { name, cluster: { server: `https://${address}:${server.port}`, 'certificate-authority-data': data } },
      ],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
      users: [],
    };
  }
  /** Of its five and a half minutes (certificates begin before they are made) half a minute is left. */
  const shortLived = (commonName: string, ...organizations: string[]) =>
    issueCertificate(
      authority,
      { commonName, organizations, addresses: [nodeAddress], usage: 'both', days: 30 / 86_400 },
      sources,
    );
  /** A file with the kubeconfig of a user, of whose certificate little is left. */
  async function writeShortLived(commonName: string, ...organizations: string[]): Promise<string> {
    const file = join(folder, `${commonName}.kubeconfig`);
    await writeFile(file, dump(withIdentity(kubeconfig(), await shortLived(commonName, ...organizations))));
    return file;
  }
  const isRenewed = ({ validTo }: X509Certificate) => Date.parse(validTo) > systemClock.now() + yearMs / 2;
  /** The certificate in the kubeconfig, once it is a new one. */
  async function renewedIn(file: string): Promise<X509Certificate> {
    const changes = watch(folder);
    try {
      for (;;) {
        // What is written after the file has been read must be seen.
        const change = once(changes, 'change');
        const certificate = new X509Certificate((await accessOf((await readKubeconfig(file))!)).cert!);
        if (isRenewed(certificate)) return certificate;
        await change;
      }
    } finally {
      changes.close();
    }
  }

  for (const [component, user, groups] of [
    ['kubelet', 'system:node:one', ['system:nodes']],
    ['kube-proxy', 'system:kube-proxy', []],
    ['ingress', 'system:kubeling-ingress:one', ['system:kubeling-ingresses']],
  ] as const)
    test(`has that of its ${component} signed again, and works with the new one`, async () => {
      const file = await writeShortLived(user, ...groups);
      await using connection = await connectAs(component, file, sources);
      const { subject } = await renewedIn(file);
      assert.equal(subject, [...groups.map((group) => `O=${group}`), `CN=${user}`].join('\n'));
      const review = await connection.client.create(SelfSubjectReviews, { metadata: { name: '' } });
      assert.equal(review.status?.userInfo?.username, user);
      await using next = await connectAs(component, file, sources);
      await next.client.create(SelfSubjectReviews, { metadata: { name: '' } });
    });

  test('shows a new one to those who call its kubelet', async () => {
    const pki = nodePki(folder);
    const identity = await shortLived('system:node:one', 'system:nodes');
    const kubelet = {} as KubeletHost;
    const clientAuthority = authority.certificate;
    const options = { host: address, port: 0, ...identity, clientAuthority, kubelet, ...sources };
    await using shown = await startKubeletServer(options);
    await using connection = await connectAs(
      'kubelet',
      await writeShortLived('system:node:one', 'system:nodes'),
      sources,
    );
    const stop = new AbortController();
    const settings = { node: 'one', address: nodeAddress, pki };
    const { client } = connection;
    const told = Promise.withResolvers<void>();
    const server = { useIdentity: (next: KeyAndCertificate) => (shown.useIdentity(next), told.resolve()) };
    const renewing = renewServing({ settings, client, server, identity }, { ...sources, signal: stop.signal });
    await told.promise;
    const certificate = new X509Certificate(await shownCertificate(shown.port));
    assert.ok(isRenewed(certificate));
    const stored = parseIdentity(await readFile(pki.serving, 'utf8'));
    assert.equal(new X509Certificate(stored.certificate).fingerprint, certificate.fingerprint);
    assert.equal(identityText(stored), await readFile(pki.serving, 'utf8'));
    stop.abort();
    await renewing;
  });

  /** What a server shows, when it proves that it has the key and that the authority knows it by its address. */
  function shownCertificate(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const isOfNode: typeof checkServerIdentity = (_, certificate) => checkServerIdentity(nodeAddress, certificate);
      const to = { host: address, port, ca: authority.certificate, checkServerIdentity: isOfNode };
      const socket = connect(to, () => {
        resolve(socket.getPeerX509Certificate()!.toString());
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }
});
