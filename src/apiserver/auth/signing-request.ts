import 'reflect-metadata';
import { constants, createPublicKey, verify, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { pemBlocks } from '../../apimachinery/pem.ts';

/** What somebody wants a certificate to say. */
export interface SigningRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly subject: x509.Name;
  readonly publicKey: x509.PublicKey;
  readonly alternativeNames: x509.SubjectAlternativeNameExtension | undefined;
}

/** Reads a PKCS#10 request in PEM, whose key must have signed it. Throws what Kubernetes says of a bad one. */
export function readSigningRequest(pem: string): SigningRequest {
  const [block] = pemBlocks(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const request = parsed(Buffer.from(block.base64, 'base64'));
  checkSignature(request);
  const { subjectName: subject, publicKey } = request;
  const alternativeNames = request.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
  const named = (type: x509.GeneralNameType) =>
    (alternativeNames?.names.items ?? []).filter((name) => name.type === type).map(({ value }) => value);
  return {
    commonName: subject.getField('CN').at(-1) ?? '',
    organizations: subject.getField('O'),
    dnsNames: named('dns'),
    addresses: named('ip'),
    emailAddresses: named('email'),
    uris: named('url'),
    subject,
    publicKey,
    alternativeNames,
  };
}

/** What is wrong with a chain of certificates in PEM, if anything. */
export function certificateProblem(pem: string): string | undefined {
  const blocks = pemBlocks(pem);
  for (const { type, hasHeaders, base64 } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    try {
      new X509Certificate(bytes);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}

function parsed(bytes: Buffer): x509.Pkcs10CertificateRequest {
  try {
    const request = new x509.Pkcs10CertificateRequest(bytes);
    // Read at once, because they are parsed when they are asked for.
    void [request.subjectName, request.publicKey, request.extensions];
    return request;
  } catch {
    throw new Error('asn1: structure error: malformed certificate request');
  }
}

function checkSignature(request: x509.Pkcs10CertificateRequest): void {
  const { name, hash } = request.signatureAlgorithm as { name: string; hash?: { name: string } };
  const digest = hash?.name.replace('-', '').toLowerCase();
  const isPss = name === 'RSA-PSS';
  let isGood: boolean;
  try {
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
    isGood = verify(digest, Buffer.from(request['tbs']), { key, ...padding }, Buffer.from(request.signature));
  } catch {
    throw new Error('x509: cannot verify signature: algorithm unimplemented');
  }
  if (digest === 'sha1') throw new Error('x509: cannot verify signature: insecure algorithm SHA1');
  if (!isGood)
    throw new Error(
      isPss || name.startsWith('RSA') ? 'crypto/rsa: verification error' : `x509: ${name} verification failure`,
    );
}
