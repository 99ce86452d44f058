import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { Secret } from '../../api/core/v1/types.ts';
import type { KeyPair } from './routes.ts';

export type CertificateReading =
  | { readonly ok: true; readonly pair: KeyPair; readonly fingerprint: string }
  | { readonly ok: false; readonly why: string };

/** Reads the certificate of a Secret; what nginx gets is written anew from what was understood. */
function readCertificate({ data = {} }: Readonly<Secret>): CertificateReading {
  const [chain, keyText] = [data['tls.crt'], data['tls.key']].map((text) =>
    Buffer.from(text ?? '', 'base64').toString(),
  );
  if (chain === '') return bad('it has no "tls.crt"');
  if (keyText === '') return bad('it has no "tls.key"');
  const blocks = chain!.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return bad('its "tls.crt" holds no certificate');
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    const key = privateKey(keyText!);
    if (key === undefined) return bad('its "tls.key" holds no private key');
    if (!certificates[0]!.checkPrivateKey(key)) return bad('its "tls.key" does not belong to its "tls.crt"');
    const pair = {
      certificate: certificates.map((certificate) => certificate.toString()).join(''),
      key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    return { ok: true, pair, fingerprint: fingerprintOf(pair) };
  } catch {
    return bad('its "tls.crt" holds a certificate that cannot be read');
  }
}

/** The certificates of authorities in a Secret's `ca.crt`; nothing where there is none that can be read. */
export function readAuthority({ data = {} }: Readonly<Secret>): { pem: string; fingerprint: string } | undefined {
  const text = Buffer.from(data['ca.crt'] ?? '', 'base64').toString();
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    const pem = blocks.map((block) => new X509Certificate(block).toString()).join('');
    return pem === '' ? undefined : { pem, fingerprint: fingerprintOf({ certificate: pem, key: '' }) };
  } catch {
    return undefined;
  }
}

/** Names a pair by its content. */
export function fingerprintOf({ certificate, key }: KeyPair): string {
  return createHash('sha256').update(certificate).update('\0').update(key).digest('hex').slice(0, 32);
}

function privateKey(text: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined; // the error may quote the key
  }
}

function bad(why: string): CertificateReading {
  return { ok: false, why };
}

/** As {@link readCertificate}, with a memory: a Secret is read once for each of its versions. */
export function createCertificateReader(): typeof readCertificate {
  const known = new WeakMap<Readonly<Secret>, CertificateReading>();
  return (secret) => {
    let reading = known.get(secret);
    if (reading === undefined) known.set(secret, (reading = readCertificate(secret)));
    return reading;
  };
}
