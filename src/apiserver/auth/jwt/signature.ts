import { constants, createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** A public key of an issuer, and the name by which tokens say that it signed them. */
export interface IssuerKey {
  readonly id: string;
  readonly key: KeyObject;
}

interface Algorithm {
  readonly hash: string;
  readonly type: 'rsa' | 'rsa-pss' | 'ec';
  readonly curve?: string;
}

/** What a token may be signed with (RFC 7518); those with a shared secret and `none` are not among them. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: 'sha256', type: 'rsa' },
  RS384: { hash: 'sha384', type: 'rsa' },
  RS512: { hash: 'sha512', type: 'rsa' },
  PS256: { hash: 'sha256', type: 'rsa-pss' },
  PS384: { hash: 'sha384', type: 'rsa-pss' },
  PS512: { hash: 'sha512', type: 'rsa-pss' },
  ES256: { hash: 'sha256', type: 'ec', curve: 'prime256v1' },
  ES384: { hash: 'sha384', type: 'ec', curve: 'secp384r1' },
  ES512: { hash: 'sha512', type: 'ec', curve: 'secp521r1' },
};
export const algorithmNames = Object.keys(algorithms).sort();

/** The keys of a JSON Web Key Set (RFC 7517) that verify tokens; others in it are left out. */
export function keysOf(set: unknown): IssuerKey[] {
  const { keys } = (set ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('oidc: failed to decode keys: there is no list of keys');
  return keys.flatMap((one: unknown) => {
    const jwk = (one ?? {}) as JsonWebKey;
    if (jwk['kty'] !== 'RSA' && jwk['kty'] !== 'EC') return [];
    try {
      // Only the public part is looked at, whatever else a careless issuer shows.
      const { kty, n, e, crv, x, y } = jwk as Record<string, string>;
      const key = createPublicKey({ key: { kty, n, e, crv, x, y } as JsonWebKey, format: 'jwk' });
      return [{ id: typeof jwk['kid'] === 'string' ? jwk['kid'] : '', key }];
    } catch {
      return [];
    }
  });
}

/** Whether the key has signed the text by the algorithm. */
export function isSignedBy(key: KeyObject, algorithm: string, text: string, signature: Uint8Array): boolean {
  const found = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
  if (found === undefined) return false;
  const { hash, type, curve } = found;
  const isEc = type === 'ec';
  if (key.asymmetricKeyType !== (isEc ? 'ec' : 'rsa')) return false;
  if (isEc) {
    if (key.asymmetricKeyDetails?.namedCurve !== curve) return false;
    return verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, signature);
  }
  const padding = type === 'rsa-pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const salt = type === 'rsa-pss' ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  return verify(hash, Buffer.from(text), { key, padding, ...salt }, signature);
}
