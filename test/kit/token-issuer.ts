import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createTestCertificates } from './certificates.ts';

/** An OpenID provider on loopback, as far as an API server asks one. */
export interface TokenIssuer extends AsyncDisposable {
  readonly url: string;
  /** Vouches for its server. PEM. */
  readonly authority: string;
  /** What was asked for, in order. */
  readonly asked: readonly string[];
  /** A token of these claims, whose issuer it is where they do not say another. */
  token(claims: Readonly<Record<string, unknown>>): string;
  /** From now on it signs with another key, and shows that one only. */
  rotate(): void;
}

const newKey = (): KeyObject =>
  createPrivateKey(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  );

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { authority, server: identity } = await createTestCertificates();
  const asked: string[] = [];
  let [number, key] = [1, newKey()];
  const server = createServer({ cert: identity.certificate, key: identity.key }, (request, response) => {
    asked.push(request.url!);
    const shown = {
      ...createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }),
      kid: `key-${number}`,
    };
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: [{ kty: 'oct', k: 'AA' }, shown] },
    };
    const answer = answers[request.url!];
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    url,
    authority,
    asked,
    token(claims) {
      const text = `${encoded({ alg: 'ES256', kid: `key-${number}` })}.${encoded({ iss: url, ...claims })}`;
      return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    rotate: () => void ([number, key] = [number + 1, newKey()]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
