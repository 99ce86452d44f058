import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface WantedCertificate {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly names?: readonly x509.JsonGeneralName[];
  /** How the key signs (default: ECDSA on P-256). */
  readonly algorithm?: Readonly<Record<string, unknown>>;
}

/** A certificate request of a new key, in PEM. */
export async function signingRequest(wanted: WantedCertificate = {}): Promise<string> {
  const { commonName = 'jane', organizations = [], names = [] } = wanted;
  const algorithm = {
    name: 'ECDSA',
    namedCurve: 'P-256',
    hash: 'SHA-256',
    ...wanted.algorithm,
  } as webcrypto.EcKeyGenParams;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name([...organizations.map((one) => ({ O: [one] })), { CN: [commonName] }]),
    keys,
    signingAlgorithm: algorithm,
    ...(names.length > 0 && { extensions: [new x509.SubjectAlternativeNameExtension([...names])] }),
  });
  return `${request.toString('pem')}\n`;
}

/** As `spec.request` has it. */
export async function encodedSigningRequest(wanted?: WantedCertificate): Promise<string> {
  return Buffer.from(await signingRequest(wanted)).toString('base64');
}
