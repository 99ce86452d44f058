import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/** A private key (PKCS#8) and its certificate, both PEM. Keep the key in files of mode 0600 and out of logs. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface CertificateRequest {
  /** For clients the user name. */
  readonly commonName: string;
  /** For clients the groups. */
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  /** What the certificate may prove; `both` for agents, which serve and call. */
  readonly usage: 'client' | 'server' | 'both';
  readonly days: number;
}

interface Sources {
  readonly clock: Clock;
  readonly random: Random;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
/** Certificates are valid from a little before now, for machines whose clocks differ. */
const slackMs = 300_000;

/** A new certificate authority on EC P-256: its key signs what {@link issueCertificate} makes. */
export async function createAuthority(
  options: { readonly commonName: string; readonly days: number },
  sources: Sources,
): Promise<KeyAndCertificate> {
  const key = newKey();
  const keys = await cryptoKeys(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(options.days, sources),
    name: nameOf(options.commonName, []),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key, certificate: certificate.toString('pem') };
}

/**
 * A new key and a certificate for it, signed by `authority`. Throws when a name or address cannot stand in a
 * certificate.
 */
export async function issueCertificate(
  authority: KeyAndCertificate,
  request: CertificateRequest,
  sources: Sources,
): Promise<KeyAndCertificate> {
  const key = newKey();
  const { publicKey } = await cryptoKeys(key);
  return { key, certificate: await certify(authority, request, publicKey, sources) };
}

/** A new signing key for service account tokens (EC P-256, PKCS#8 PEM). */
export function newSigningKey(): string {
  return newKey();
}

/** The last moment at which the certificate is valid, in milliseconds since the Unix epoch. */
export function certificateExpiry(certificate: string): number {
  return Date.parse(new X509Certificate(certificate).validTo);
}

/**
 * Whether `authority` has signed the certificate, it belongs to its key, and it is valid until `until` (wall time in
 * milliseconds).
 */
export function isGoodUntil(issued: KeyAndCertificate, authority: KeyAndCertificate, until: number): boolean {
  try {
    const certificate = new X509Certificate(issued.certificate);
    return (
      certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(issued.key)) &&
      Date.parse(certificate.validTo) > until
    );
  } catch {
    return false;
  }
}

async function certify(
  authority: KeyAndCertificate,
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
  sources: Sources,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(request.days, sources),
    subject: nameOf(request.commonName, request.organizations ?? []),
    issuer: issuer.subjectName,
    publicKey,
    signingKey: (await cryptoKeys(authority.key)).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages[request.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...alternativeNames(request),
    ],
  });
  return certificate.toString('pem');
}

const usages = {
  client: [x509.ExtendedKeyUsage.clientAuth],
  server: [x509.ExtendedKeyUsage.serverAuth],
  both: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
};

function alternativeNames({ dnsNames = [], addresses = [] }: CertificateRequest): x509.Extension[] {
  const names: x509.JsonGeneralName[] = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

/** As attribute values, never as text that would be parsed: a user name may hold commas and equals signs. */
function nameOf(commonName: string, organizations: readonly string[]): x509.Name {
  return new x509.Name([...organizations.map((group) => ({ O: [group] })), { CN: [commonName] }]);
}

function validity(days: number, { clock, random }: Sources): x509.X509CertificateCreateParamsBase {
  const now = clock.now();
  // The sign bit would make the serial number negative, and a leading zero would make it shorter.
  const serial = random.bytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return {
    serialNumber: Buffer.from(serial).toString('hex'),
    notBefore: new Date(now - slackMs),
    notAfter: new Date(now + days * dayMs),
  };
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

async function cryptoKeys(key: string): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const privateKey = await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const { kty, crv, x, y } = await subtle.exportKey('jwk', privateKey);
  const publicKey = await subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify']);
  return { privateKey, publicKey };
}
