import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { UserInfo } from './auth.ts';
import {
  certificateExpiry,
  createAuthority,
  isGoodUntil,
  issueCertificate,
  type CertificateRequest,
  type KeyAndCertificate,
} from './certificates.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';

const clock = new VirtualClock();
const sources = { clock, random: new SeededRandom(1) };
const authority = await createAuthority({ commonName: 'cluster', days: 3650 }, sources);
const stranger = await createAuthority({ commonName: 'cluster', days: 3650 }, sources);

async function certificateOf(
  request: Partial<CertificateRequest>,
  by: KeyAndCertificate = authority,
): Promise<Uint8Array> {
  const { certificate } = await issueCertificate(
    by,
    { commonName: 'jane', usage: 'client', days: 1, ...request },
    sources,
  );
  return new X509Certificate(certificate).raw;
}

function userOf(certificate: Uint8Array, at = clock): UserInfo | undefined {
  return clientCertificateAuthenticator([authority.certificate], at).authenticate({ certificate }) as
    | UserInfo
    | undefined;
}

const unauthorized = (error: unknown) => isStatus(error, 'Unauthorized');

test('a server certificate holds the names and addresses that clients call', async () => {
  const issued = await issueCertificate(
    authority,
    {
      commonName: 'apiserver',
      dnsNames: ['kubernetes.default'],
      addresses: ['10.96.0.1', 'fd00::1'],
      usage: 'server',
      days: 30,
    },
    sources,
  );
  const certificate = new X509Certificate(issued.certificate);
  assert.equal(certificate.checkHost('kubernetes.default'), 'kubernetes.default');
  assert.equal(certificate.checkIP('10.96.0.1'), '10.96.0.1');
  assert.equal(certificate.checkIP('fd00::1'), 'fd00::1');
  assert.equal(certificateExpiry(issued.certificate), Math.floor((clock.now() + 30 * 86_400_000) / 1000) * 1000);
  assert.ok(!certificate.ca);
  assert.match(issued.key, /BEGIN PRIVATE KEY/);
});

test('a stored certificate is good while its authority, its key and its time are', async () => {
  const issued = await issueCertificate(authority, { commonName: 'x', usage: 'client', days: 10 }, sources);
  const day = 86_400_000;
  assert.equal(isGoodUntil(issued, authority, clock.now() + 9 * day), true);
  assert.equal(isGoodUntil(issued, authority, clock.now() + 11 * day), false);
  assert.equal(isGoodUntil(issued, stranger, clock.now()), false);
  assert.equal(isGoodUntil({ ...issued, key: stranger.key }, authority, clock.now()), false);
  assert.equal(isGoodUntil({ ...issued, certificate: 'nonsense' }, authority, clock.now()), false);
});

test('the common name is the user and the organizations are the groups', async () => {
  const user = userOf(await certificateOf({ organizations: ['devs', 'system:masters'] }))!;
  assert.equal(user.name, 'jane');
  assert.deepEqual(user.groups, ['devs', 'system:masters']);
  assert.match(user.extra!['authentication.kubernetes.io/credential-id']![0]!, /^X509SHA256=[0-9a-f]{64}$/);
});

test('a name cannot smuggle in another attribute', async () => {
  for (const commonName of ['a\nO=system:masters', 'a,O=system:masters', 'a+O=system:masters', 'a/O=system:masters']) {
    const user = userOf(await certificateOf({ commonName }))!;
    assert.deepEqual([user.name, user.groups], [commonName, []]);
  }
});

test('certificates that prove nothing are refused', async (t) => {
  const rows: [string, () => Promise<Uint8Array>][] = [
    ['of another authority with the same name', () => certificateOf({}, stranger)],
    ['for servers', () => certificateOf({ usage: 'server' })],
    ['that is no certificate', async () => new TextEncoder().encode('nonsense')],
    [
      'signed by a certificate that is no authority',
      async () => {
        const intermediate = await issueCertificate(
          authority,
          { commonName: 'jane', usage: 'client', days: 1 },
          sources,
        );
        return certificateOf({ commonName: 'admin', organizations: ['system:masters'] }, intermediate);
      },
    ],
  ];
  for (const [name, make] of rows)
    await t.test(name, async () => {
      const certificate = await make();
      assert.throws(() => userOf(certificate), unauthorized);
    });
});

test('a certificate is looked at again when time has passed', async () => {
  const certificate = await certificateOf({ days: 1 });
  const later = new VirtualClock(clock.now());
  const authenticator = clientCertificateAuthenticator([authority.certificate], later);
  assert.equal((authenticator.authenticate({ certificate }) as UserInfo).name, 'jane');
  await later.advance(86_401_000);
  assert.throws(() => authenticator.authenticate({ certificate }), unauthorized);
});

test('without a certificate there is no opinion', () => {
  assert.equal(clientCertificateAuthenticator([authority.certificate], clock).authenticate({ token: 'x' }), undefined);
});
