import { ServiceAccounts, type Pod } from '../../api/core/v1/types.ts';
import type { TokenRequest } from '../../api/authentication/v1/types.ts';
import { parseTime } from '../../apimachinery/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';

/** A token and when to ask for the next one, in milliseconds since the epoch. */
export interface FreshToken {
  readonly token: string;
  readonly renewAt: number;
  /** RFC 3339. */
  readonly expirationTimestamp?: string;
}

export interface TokenSpec {
  readonly audience: string | undefined;
  readonly expirationSeconds: number;
}

const share = 0.8;
const longestUseMs = 24 * 3600 * 1000;
const spreadMs = 10_000;

/**
 * A token of the pod's service account that is bound to the pod. It is to be renewed after four fifths of its life, a
 * day at most, a little earlier by chance so that not all pods ask at once.
 */
export async function requestToken(
  { client, clock, random }: { readonly client: Client; readonly clock: Clock; readonly random: Random },
  { metadata, spec }: Readonly<Pod>,
  { audience, expirationSeconds }: TokenSpec,
): Promise<FreshToken> {
  const { name, uid, namespace } = metadata;
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: audience === undefined || audience === '' ? [] : [audience],
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    },
  };
  const account = { name: spec.serviceAccountName ?? 'default', ...(namespace !== undefined && { namespace }) };
  const now = clock.now();
  const answer = (await client.post(ServiceAccounts, account, 'token', body)) as TokenRequest;
  const { token, expirationTimestamp } = answer.status ?? {};
  if (token === undefined) throw new Error(`service account ${account.name} got no token`);
  const lifeMs = (parseTime(expirationTimestamp) ?? now + expirationSeconds * 1000) - now;
  const useMs = Math.min(lifeMs * share, longestUseMs);
  const renewAt = now + useMs - Math.min(spreadMs, useMs / 10) * random.next();
  return { token, renewAt, ...(expirationTimestamp !== undefined && { expirationTimestamp }) };
}
