import { timingSafeEqual } from 'node:crypto';
import { Secrets, ServiceAccounts, type Secret } from '../../api/core/v1/types.ts';
import type { ServerContext } from '../context.ts';
import type { Claims } from './json-web-token.ts';
import { serviceAccountUser } from './service-account.ts';

/** The issuer of tokens that are kept in Secrets; those of the TokenRequest API have the server's own. */
export const legacyIssuer = 'kubernetes/serviceaccount';

const prefix = 'kubernetes.io/serviceaccount/';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';

/** Whose token it is, and the Secret that keeps it. */
export interface LegacyTokenOrder {
  readonly namespace: string;
  readonly account: { readonly name: string; readonly uid: string };
  readonly secret: string;
}

/** The claims of a token without end, as Secrets of type `kubernetes.io/service-account-token` keep them. */
export function legacyClaims({ namespace, account, secret }: LegacyTokenOrder): Claims {
  return {
    iss: legacyIssuer,
    [`${prefix}namespace`]: namespace,
    [`${prefix}secret.name`]: secret,
    [`${prefix}service-account.name`]: account.name,
    [`${prefix}service-account.uid`]: account.uid,
    sub: serviceAccountUser(namespace, account.name),
  };
}

/** Whose token it is, or why it is not believed. `used`: its Secret, of which the last use is to be noted. */
export type LegacyReading =
  | { readonly good: true; readonly order: LegacyTokenOrder; readonly used: Readonly<Secret> }
  | { readonly good: false; readonly why: string; readonly used?: Readonly<Secret> };

/**
 * Reads a token of {@link legacyIssuer} whose signature is good: it counts while its Secret, with it in it, and its
 * account are there.
 */
export function readLegacyToken(token: string, claims: Claims, context: ServerContext): LegacyReading {
  const claim = (name: string): string => {
    const value = claims[prefix + name];
    return typeof value === 'string' ? value : '';
  };
  const [namespace, secretName] = [claim('namespace'), claim('secret.name')];
  const account = { name: claim('service-account.name'), uid: claim('service-account.uid') };
  if (claims['sub'] !== serviceAccountUser(namespace, account.name)) return bad('sub claim is invalid');
  const secret = context.lookup(Secrets, { namespace, name: secretName });
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return bad('Token has been invalidated');
  if (!isKeptIn(secret, token)) return bad("Token does not match server's copy");
  const live = context.lookup(ServiceAccounts, { namespace, name: account.name });
  if (live === undefined || live.metadata.deletionTimestamp !== undefined)
    return bad(`ServiceAccount ${namespace}/${account.name} has been deleted`);
  if (live.metadata.uid !== account.uid)
    return bad(`ServiceAccount UID (${live.metadata.uid}) does not match claim (${account.uid})`);
  if (secret.metadata.labels?.[invalidSince])
    return {
      good: false,
      why: `the token in secret ${namespace}/${secretName} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`,
      used: secret,
    };
  return { good: true, order: { namespace, account, secret: secretName }, used: secret };
}

function bad(why: string): LegacyReading {
  return { good: false, why };
}

function isKeptIn({ data }: Readonly<Secret>, token: string): boolean {
  const kept = Buffer.from(data?.['token'] ?? '', 'base64');
  const given = Buffer.from(token);
  return kept.length === given.length && timingSafeEqual(kept, given);
}
