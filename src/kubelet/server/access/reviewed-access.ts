import { createHash } from 'node:crypto';
import { TokenReviews } from '../../../api/authentication/v1/types.ts';
import { SubjectAccessReviews } from '../../../api/authorization/v1/types.ts';
import { TimedMap } from '../../../base/timed-map.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Client } from '../../../client/client.ts';
import type { KubeletCaller } from './client-identity.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import type { NodeAttributes } from './node-attributes.ts';

export interface ReviewedAccessOptions {
  /** With the node's rights: it may ask for reviews. */
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeName: string;
}

/** For how long answers of the API server are believed: the defaults of Kubernetes' kubelet. */
const tokenMs = 120_000;
const allowedMs = 300_000;
const deniedMs = 30_000;
const mostAnswers = 2048;

/** Asks the API server who a token belongs to (TokenReview) and what its owner may do (SubjectAccessReview). */
export function reviewedAccess({ client, clock, nodeName }: ReviewedAccessOptions): KubeletAccess {
  const callers = new TimedMap<string, KubeletCaller | undefined>(clock, mostAnswers);
  const decisions = new TimedMap<string, boolean>(clock, mostAnswers);

  /** The answer under this key, asked for when it is not known or too old. */
  async function remembered<T>(
    answers: TimedMap<string, T>,
    key: string,
    ask: () => Promise<T>,
    lasts: (answer: T) => number,
  ): Promise<T> {
    const known = answers.get(key);
    if (known !== undefined) return known.value;
    const answer = await ask();
    return answers.set(key, answer, lasts(answer));
  }

  async function callerOf(token: string): Promise<KubeletCaller | undefined> {
    const { status } = await client.create(TokenReviews, { metadata: { name: '' }, spec: { token } });
    if (status?.authenticated !== true || status.user === undefined) return undefined;
    const { username = '', groups = [], uid, extra } = status.user;
    return { name: username, groups, ...(uid !== undefined && { uid }), ...(extra && { extra }) };
  }

  async function mayUse({ name, groups, uid, extra }: KubeletCaller, verb: string, subresource: string) {
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName };
    const spec = {
      user: name,
      groups: [...groups],
      ...(uid !== undefined && { uid }),
      ...(extra && { extra: structuredClone(extra) as Record<string, string[]> }),
      resourceAttributes,
    };
    const { status } = await client.create(SubjectAccessReviews, { metadata: { name: '' }, spec });
    return status?.allowed === true;
  }

  return {
    identify: (token) =>
      // Tokens themselves are not kept.
      remembered(
        callers,
        createHash('sha256').update(token).digest('base64'),
        () => callerOf(token),
        () => tokenMs,
      ),
    async allows(caller: KubeletCaller, { verb, subresources }: NodeAttributes) {
      for (const subresource of subresources) {
        const key = JSON.stringify([caller, verb, subresource]);
        const isAllowed = await remembered(
          decisions,
          key,
          () => mayUse(caller, verb, subresource),
          (answer) => (answer ? allowedMs : deniedMs),
        );
        if (isAllowed) return true;
      }
      return false;
    },
  };
}
