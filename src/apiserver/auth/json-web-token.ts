import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map.ts';

/** The claims of a token, not yet checked for what they say. */
export type Claims = Readonly<Record<string, unknown>>;

/** Longer tokens are verified each time, in letters: they would take the memory of a hundred usual ones. */
const longestRemembered = 8192;

/**
 * Signs and verifies tokens with ES256 (RFC 7515, RFC 7518), without waiting: a simulated cluster on virtual time has no
 * place for work that ends outside its clock. The first key signs, all keys verify, so that keys can be replaced.
 */
export class TokenKeys {
  readonly #signing: { readonly key: KeyObject; readonly header: string };
  readonly #verifying = new Map<string, KeyObject>();
  readonly #verified = new BoundedMap<string, Claims>(4096, longestRemembered);

  /** PEM: first the private key that signs, then further keys, private or public, whose tokens are still good. */
  constructor(keys: readonly [string, ...string[]]) {
    for (const pem of keys) {
      const key = createPublicKey(pem);
      if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
        throw new Error('Cannot use a key for tokens: it must be an elliptic curve key on P-256');
      this.#verifying.set(keyId(key), key);
    }
    const key = createPrivateKey(keys[0]);
    this.#signing = { key, header: encode({ alg: 'ES256', kid: keyId(createPublicKey(keys[0])) }) };
  }

  sign(claims: Claims): string {
    const content = `${this.#signing.header}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(content), { key: this.#signing.key, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  }

  /** The claims of a token that one of the keys has signed, else `undefined`. */
  verify(token: string): Claims | undefined {
    const known = this.#verified.get(token);
    if (known !== undefined) return known;
    const parts = token.split('.', 4);
    if (parts.length !== 3) return undefined;
    const [header, payload, signature] = parts as [string, string, string];
    const { alg, kid } = decode(header) ?? {};
    const key = alg === 'ES256' && typeof kid === 'string' ? this.#verifying.get(kid) : undefined;
    if (key === undefined) return undefined;
    const bytes = Buffer.from(signature, 'base64url');
    // One token has one text: Node leaves out what is no base64url, and bits that mean nothing.
    if (bytes.toString('base64url') !== signature) return undefined;
    if (!verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, bytes))
      return undefined;
    const claims = decode(payload);
    return claims && this.#verified.set(token, claims);
  }

  /** The public keys as a JSON Web Key Set (RFC 7517), for those who verify tokens themselves. */
  keySet(): { keys: Record<string, unknown>[] } {
    const keys = [...this.#verifying].map(([kid, key]) => {
      return { use: 'sig', kty: 'EC', kid, crv: 'P-256', alg: 'ES256', ...coordinates(key) };
    });
    return { keys };
  }
}

function coordinates(key: KeyObject): { x: string; y: string } {
  const { x, y } = key.export({ format: 'jwk' });
  return { x: x!, y: y! };
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
