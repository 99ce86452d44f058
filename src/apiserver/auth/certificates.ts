import 'reflect-metadata';
import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { readSigningRequest } from './signing-request.ts';

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
  const certificate = await certify(authority, {
    ...validity(request.days, sources),
    subject: nameOf(request.commonName, request.organizations ?? []),
    publicKey,
    extensions: [...usageExtensions(usages[request.usage]), ...alternativeNames(request)],
  });
  return { key, certificate };
}

export interface SigningOrder {
  /** By Kubernetes' names. */
  readonly usages: readonly string[];
  readonly from: number;
  readonly until: number;
}

/**
 * Signs what others ask for. Requests and certificates are PEM, times are in milliseconds since the Unix epoch. No
 * certificate outlives the authority.
 */
export function requestSigner(authority: KeyAndCertificate, { random }: Pick<Sources, 'random'>) {
  return {
    read: readSigningRequest,
    expiry: certificateExpiry,
    sign(request: string, { usages, from, until }: SigningOrder): Promise<string> {
      const { subject, publicKey, alternativeNames } = readSigningRequest(request);
      return certify(authority, {
        serialNumber: newSerialNumber(random),
        notBefore: new Date(from),
        notAfter: new Date(Math.min(until, certificateExpiry(authority.certificate))),
        subject,
        publicKey,
        extensions: [...usageExtensions(usages), ...(alternativeNames === undefined ? [] : [alternativeNames])],
      });
    },
  };
}

/** A new key, and a request (PKCS#10) for a certificate that says this of its owner. Both PEM. */
export async function newSigningRequest(
  wanted: Omit<CertificateRequest, 'usage' | 'days'>,
): Promise<{ readonly key: string; readonly request: string }> {
  const key = newKey();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(wanted.commonName, wanted.organizations ?? []),
    keys: await cryptoKeys(key),
    signingAlgorithm: algorithm,
    extensions: alternativeNames(wanted),
  });
  return { key, request: `${request.toString('pem')}\n` };
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

interface CertificateParts extends Omit<x509.X509CertificateCreateParamsBase, 'extensions'> {
  readonly subject: x509.Name;
  readonly publicKey: x509.PublicKeyType;
  /** Beside those that all certificates have. */
  readonly extensions: readonly x509.Extension[];
}

async function certify(authority: KeyAndCertificate, { extensions, ...parts }: CertificateParts): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    ...parts,
    issuer: issuer.subjectName,
    signingKey: (await cryptoKeys(authority.key)).privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...extensions,
    ],
  });
  return certificate.toString('pem');
}

const usages = {
  client: ['digital signature', 'client auth'],
  server: ['digital signature', 'server auth'],
  both: ['digital signature', 'server auth', 'client auth'],
};

const { KeyUsageFlags } = x509;
/** What a key may do, by Kubernetes' names. */
const keyUsages: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: KeyUsageFlags.digitalSignature,
  'digital signature': KeyUsageFlags.digitalSignature,
  'content commitment': KeyUsageFlags.nonRepudiation,
  'key encipherment': KeyUsageFlags.keyEncipherment,
  'key agreement': KeyUsageFlags.keyAgreement,
  'data encipherment': KeyUsageFlags.dataEncipherment,
  'cert sign': KeyUsageFlags.keyCertSign,
  'crl sign': KeyUsageFlags.cRLSign,
  'encipher only': KeyUsageFlags.encipherOnly,
  'decipher only': KeyUsageFlags.decipherOnly,
};
/** What a certificate is for. */
const purposes: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': x509.ExtendedKeyUsage.serverAuth,
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'code signing': x509.ExtendedKeyUsage.codeSigning,
  'email protection': x509.ExtendedKeyUsage.emailProtection,
  's/mime': x509.ExtendedKeyUsage.emailProtection,
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: x509.ExtendedKeyUsage.timeStamping,
  'ocsp signing': x509.ExtendedKeyUsage.ocspSigning,
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

function usageExtensions(names: readonly string[]): x509.Extension[] {
  let flags = 0;
  for (const name of names) flags |= keyUsages[name] ?? 0;
  const wanted = new Set(names.flatMap((name) => purposes[name] ?? []));
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(wanted.size === 0 ? [] : [new x509.ExtendedKeyUsageExtension([...wanted])]),
  ];
}

function alternativeNames({
  dnsNames = [],
  addresses = [],
}: Pick<CertificateRequest, 'dnsNames' | 'addresses'>): x509.Extension[] {
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

function validity(days: number, { clock, random }: Sources) {
  const now = clock.now();
  return {
    serialNumber: newSerialNumber(random),
    notBefore: new Date(now - slackMs),
    notAfter: new Date(now + days * dayMs),
  };
}

function newSerialNumber(random: Random): string {
  // The sign bit would make the serial number negative, and a leading zero would make it shorter.
  const serial = random.bytes(16);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return Buffer.from(serial).toString('hex');
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
