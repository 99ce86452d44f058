import { createHash, X509Certificate } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { refused } from '../../apimachinery/status.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Authenticator, UserInfo } from './auth.ts';

/** What a certificate said when it was read first. */
type Reading = { readonly user: UserInfo; readonly from: number; readonly to: number } | { readonly refusal: string };

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';

/**
 * Knows users by their client certificates: signed by one of the `authorities` (PEM), for client authentication, valid
 * by the clock. The common name is the user, the organizations are the groups. A certificate is read once; after that
 * only its dates are looked at.
 */
export function clientCertificateAuthenticator(authorities: readonly string[], clock: Clock): Authenticator {
  const userOf = clientCertificateReader(
    authorities.map((pem) => new X509Certificate(pem)),
    clock,
  );
  return {
    authenticate({ certificate }) {
      if (certificate === undefined) return undefined;
      const user = userOf(certificate);
      if (user === undefined) throw refused.unauthorized();
      return user;
    },
  };
}

/** Reads certificates (DER) as {@link clientCertificateAuthenticator} does; `undefined` for one that is not believed. */
export function clientCertificateReader(
  trusted: readonly X509Certificate[],
  clock: Clock,
): (certificate: Uint8Array) => UserInfo | undefined {
  const readings = new BoundedMap<string, Reading>(4096);
  /** The same by the very bytes: a connection shows its certificate with each request. */
  const seen = new WeakMap<Uint8Array, Reading>();

  function read(der: Uint8Array): Reading {
    const fingerprint = createHash('sha256').update(der).digest('hex');
    return readings.get(fingerprint) ?? readings.set(fingerprint, readCertificate(der, fingerprint, trusted));
  }

  return (certificate) => {
    let reading = seen.get(certificate);
    if (reading === undefined) seen.set(certificate, (reading = read(certificate)));
    const now = clock.now();
    return 'refusal' in reading || now < reading.from || now > reading.to ? undefined : reading.user;
  };
}

function readCertificate(der: Uint8Array, fingerprint: string, trusted: readonly X509Certificate[]): Reading {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return { refusal: 'not a certificate' };
  }
  if (!trusted.some((authority) => signedBy(certificate, authority)))
    return { refusal: 'signed by an unknown authority' };
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  // A certificate that names no purpose is for all of them.
  if (purposes?.some((purpose) => purpose === clientAuthentication || purpose === anyPurpose) === false)
    return { refusal: 'not for client authentication' };
  // The values themselves, not the printed subject: a name that holds a line break must not look like a second attribute.
  const { CN, O } = certificate.toLegacyObject().subject as { CN?: string | string[]; O?: string | string[] };
  const names = listOf(CN);
  if (names.length === 0 || names[0] === '') return { refusal: 'without a common name' };
  return {
    user: {
      name: names.at(-1)!,
      groups: listOf(O),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    },
    from: Date.parse(certificate.validFrom),
    to: Date.parse(certificate.validTo),
  };
}

function signedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
