import { createAuthority, issueCertificate } from '../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';

/** PEM texts for a server on loopback and for one client of it. */
export interface TestCertificates {
  readonly authority: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
}

export async function createTestCertificates(): Promise<TestCertificates> {
  const sources = { clock: systemClock, random: systemRandom };
  const authority = await createAuthority({ commonName: 'test', days: 1 }, sources);
  const addresses = ['127.0.0.1'];
  return {
    authority: authority.certificate,
    server: await issueCertificate(authority, { commonName: 'server', addresses, usage: 'server', days: 1 }, sources),
    client: await issueCertificate(authority, { commonName: 'client', usage: 'client', days: 1 }, sources),
  };
}
