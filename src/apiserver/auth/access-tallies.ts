import type { Clock } from '../../base/clock.ts';
import { hashOf } from './hash-of.ts';
import { Timings } from '../timings.ts';
import { TokenCacheTally } from './token-cache-tally.ts';
import type { Authenticator, Authorizer, Decision, UserInfo } from './auth.ts';

/** Upper bounds in seconds, those of Kubernetes. */
const accessBounds: readonly number[] = Array.from({ length: 15 }, (_, at) => 0.001 * 2 ** at);
export const webhookBounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const issuerBounds: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What one authorizer has decided. */
interface DecisionTally {
  readonly type: string;
  readonly name: string;
  allowed: number;
  denied: number;
}

/** What is counted of one webhook that decides what may be done, by the result of asking it. */
export interface WebhookTally {
  readonly tries: Map<string, Timings>;
  /** How often it had no opinion because it could not be asked. */
  readonly failedOpen: Map<string, number>;
}

/** What is counted of an issuer of tokens. */
export interface IssuerTally {
  /** To read a token that was not remembered. */
  readonly took: Readonly<Record<'success' | 'failure', Timings>>;
  /** When its keys were last asked for, in seconds since the epoch. */
  readonly fetchedAt: Partial<Record<'success' | 'failure', number>>;
  /** A hash of the keys that it answered. */
  keySet: string | undefined;
}

/** What is counted of who asks, and of what may be done: plain numbers, which become metrics only when somebody asks for those. */
export class AccessTallies {
  readonly authentication = timingsOf('success', 'failure', 'error');
  /** Requests by sort of user. */
  readonly users = new Map<string, number>();
  readonly authorization = timingsOf('allowed', 'denied', 'no-opinion', 'error');
  readonly decisions: DecisionTally[] = [];
  /** By name. */
  readonly webhooks = new Map<string, WebhookTally>();
  /** Of reading tokens, by a hash of the issuer, then by result. */
  readonly issuers = new Map<string, IssuerTally>();
  readonly tokenCache = new TokenCacheTally();

  /** Of the authorizer of a type and a name, which may be made anew. */
  decision(type: string, name: string): DecisionTally {
    const known = this.decisions.find((one) => one.type === type && one.name === name);
    if (known !== undefined) return known;
    const tally = { type, name, allowed: 0, denied: 0 };
    this.decisions.push(tally);
    return tally;
  }

  webhook(name: string): WebhookTally {
    const tally = this.webhooks.get(name) ?? { tries: new Map(), failedOpen: new Map() };
    this.webhooks.set(name, tally);
    return tally;
  }

  issuer(url: string): IssuerTally {
    const hash = hashOf(url);
    const tally: IssuerTally = this.issuers.get(hash) ?? {
      took: { success: new Timings(issuerBounds), failure: new Timings(issuerBounds) },
      fetchedAt: {},
      keySet: undefined,
    };
    this.issuers.set(hash, tally);
    return tally;
  }
}

function timingsOf<Result extends string>(...results: readonly Result[]): Readonly<Record<Result, Timings>> {
  return Object.fromEntries(results.map((one) => [one, new Timings(accessBounds)])) as Record<Result, Timings>;
}

/** The same authenticator, which counts. Who shows nothing and is not welcome is a failure; who shows what is wrong, an error. */
export function countedAuthenticator(
  authenticator: Authenticator,
  { authentication, users }: AccessTallies,
  clock: Pick<Clock, 'monotonic'>,
): Authenticator {
  return {
    authenticate(credentials, path, headers) {
      const began = clock.monotonic();
      const known = (user: UserInfo | undefined): UserInfo | undefined => {
        if (user !== undefined) users.set(sortOf(user.name), (users.get(sortOf(user.name)) ?? 0) + 1);
        authentication[user === undefined ? 'failure' : 'success'].add((clock.monotonic() - began) / 1000);
        return user;
      };
      const refuse = (error: unknown): never => {
        const isShown = credentials.certificate !== undefined || (credentials.token ?? '') !== '';
        authentication[isShown ? 'error' : 'failure'].add((clock.monotonic() - began) / 1000);
        throw error;
      };
      try {
        const user = authenticator.authenticate(credentials, path, headers);
        return user instanceof Promise ? user.then(known, refuse) : known(user);
      } catch (error) {
        return refuse(error);
      }
    },
  };
}

const named = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default']);

/** Few, and no names of people. */
function sortOf(user: string): string {
  return named.has(user) ? user : user.includes('@') ? 'email_id' : 'other';
}

/** The same authorizer, whose decisions are told when they are made. */
export function notedAuthorizer(authorizer: Authorizer, note: (decision: Decision) => void): Authorizer {
  const noted = (decision: Decision): Decision => {
    note(decision);
    return decision;
  };
  return {
    authorize(attributes) {
      const decision = authorizer.authorize(attributes);
      return decision instanceof Promise ? decision.then(noted) : noted(decision);
    },
  };
}

/** The same authorizer of requests, which counts what comes of them and how long that takes. */
export function timedAuthorizer(
  authorizer: Authorizer,
  { authorization }: AccessTallies,
  clock: Pick<Clock, 'monotonic'>,
): Authorizer {
  return {
    authorize(attributes) {
      const began = clock.monotonic();
      const noted = (decision: Decision): Decision => {
        authorization[resultOf(decision)].add((clock.monotonic() - began) / 1000);
        return decision;
      };
      const decision = authorizer.authorize(attributes);
      return decision instanceof Promise ? decision.then(noted) : noted(decision);
    },
  };
}

function resultOf(decision: Decision): 'allowed' | 'error' | 'denied' | 'no-opinion' {
  if (decision.allowed) return 'allowed';
  if (decision.error !== undefined) return 'error';
  return decision.denied ? 'denied' : 'no-opinion';
}
