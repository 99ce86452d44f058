import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secrets } from '../../../src/api/core/v1/types.ts';
import { Ingresses } from '../../../src/api/networking/v1/types.ts';
import { createAuthority } from '../../../src/apiserver/auth/certificates.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import type { Routes } from '../../../src/ingress/routes/routes.ts';
import { startTestCluster } from '../../../src/main/testing.ts';
import { createIngressClass, startIngressOn, TestNginx } from './one-ingress.ts';

const namespace = 'default';

/** An nginx that remembers the certificates that the host was to show, by their fingerprints. */
class CertificateNginx extends TestNginx {
  readonly told: string[] = [];
  override apply({ servers }: Routes): Promise<void> {
    const server = servers.find(({ host }) => host === 'web.example.com');
    const now = server?.certificate?.fingerprint ?? 'none';
    if (this.told.at(-1) !== now) this.told.push(now);
    return Promise.resolve();
  }
}

test('an Ingress shows the certificate of the Secret that it names, which is there from the beginning or comes and changes', async () => {
  await using opened = new AsyncDisposableStack();
  const cluster = opened.use(await startTestCluster({ nodes: 1 }));
  const { client, clock } = cluster;
  const random = new SeededRandom(1);
  const pairs = await Promise.all(
    ['a', 'b'].map((commonName) => createAuthority({ commonName, days: 1 }, { clock, random })),
  );
  const dataOf = (at: number) => ({
    'tls.crt': Buffer.from(pairs[at]!.certificate).toString('base64'),
    'tls.key': Buffer.from(pairs[at]!.key).toString('base64'),
  });
  await createIngressClass(client);
  await client.create(Secrets, { metadata: { name: 'cert', namespace }, data: dataOf(0) });
  await client.create(Ingresses, {
    metadata: { name: 'web', namespace },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['web.example.com'], secretName: 'cert' }],
      rules: [{ host: 'web.example.com' }],
    },
  });
  const nginx = new CertificateNginx();
  opened.defer(startIngressOn(cluster, 'node-1', { openNginx: () => Promise.resolve(nginx) }));
  const toldTimes = (count: number) => cluster.until(() => nginx.told.length === count);
  await toldTimes(1);
  assert.notEqual(nginx.told[0], 'none');
  await client.patch(Secrets, { name: 'cert', namespace }, { type: 'merge', body: { data: dataOf(1) } });
  await toldTimes(2);
  await client.patch(
    Ingresses,
    { name: 'web', namespace },
    { type: 'json', body: [{ op: 'replace', path: '/spec/tls/0/secretName', value: 'later' }] },
  );
  await toldTimes(3);
  assert.equal(nginx.told[2], 'none');
  await client.create(Secrets, { metadata: { name: 'later', namespace }, data: dataOf(0) });
  await toldTimes(4);
  assert.equal(nginx.told[3], nginx.told[0]);
  assert.notEqual(nginx.told[1], nginx.told[0]);
});
