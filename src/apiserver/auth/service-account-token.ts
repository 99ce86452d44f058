import { goQuote } from '../../apimachinery/go-text.ts';
import { Nodes, Pods, Secrets, ServiceAccounts, type Secret } from '../../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { TokenCacheTally } from './token-cache-tally.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { Authenticator, UserInfo } from './auth.ts';
import type { Claims, TokenKeys } from './json-web-token.ts';
import { legacyIssuer, readLegacyToken } from './legacy-token.ts';
import { serviceAccountGroups, serviceAccountUser } from './service-account.ts';
import type { TokenReader, TokenReading } from './token-reader.ts';

/** An object as a token names it. */
export interface TokenReference {
  readonly name: string;
  readonly uid: string;
}

export interface TokenOrder {
  readonly namespace: string;
  readonly account: TokenReference;
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  /** When the holder should have asked for a new one, if that is before the end. */
  readonly warnAfterSeconds?: number;
  /** The token ends with these objects. A node beside a pod is information only. */
  readonly pod?: TokenReference;
  readonly secret?: TokenReference;
  readonly node?: TokenReference;
}

/** The claims under the name `kubernetes.io`. */
interface Binding {
  readonly namespace: string;
  readonly serviceaccount: TokenReference;
  readonly pod?: TokenReference;
  readonly secret?: TokenReference;
  readonly node?: TokenReference;
  readonly warnafter?: number;
}

/** A token that was believed, and the objects that it ends with, as they were. */
interface Belief {
  readonly claims: Claims;
  readonly user: UserInfo;
  readonly seen: readonly { readonly look: () => unknown; readonly state: unknown }[];
}

/** A bound object that is being deleted keeps its tokens for so long, so that what stops in good order can say so. */
const deletionLeewayMs = 60_000;
/** How far the clocks of the servers of one cluster may differ. */
const clockLeewaySeconds = 60;

/**
 * Issues and reads the tokens of service accounts: signed claims that name the account and what the token is bound to.
 * A token dies when the account or the bound object is gone or is another one of the same name.
 */
export class ServiceAccountTokens implements Authenticator, TokenReader {
  readonly #keys: TokenKeys;
  readonly #context: ServerContext;
  readonly #users = new WeakMap<Claims, UserInfo>();
  readonly #believed = new WeakMap<Claims, Belief>();
  /** Hears of each use of a token that is kept in a Secret. */
  onLegacyUse: (secret: Readonly<Secret>) => void = () => {};
  /** Hears how often tokens were known from before. */
  cacheTally: TokenCacheTally | undefined;

  constructor(keys: TokenKeys, context: ServerContext) {
    this.#keys = keys;
    this.#context = context;
  }

  issue(order: TokenOrder): string {
    const now = Math.floor(this.#context.clock.now() / 1000);
    const { namespace, account, pod, secret, node, warnAfterSeconds } = order;
    return this.#keys.sign({
      aud: order.audiences,
      exp: now + order.lifetimeSeconds,
      iat: now,
      iss: this.#context.config.issuer,
      jti: this.#context.random.uuid(),
      'kubernetes.io': {
        namespace,
        ...(node && { node }),
        ...(pod && { pod }),
        ...(secret && { secret }),
        serviceaccount: account,
        ...(warnAfterSeconds !== undefined && { warnafter: now + warnAfterSeconds }),
      },
      nbf: now,
      sub: serviceAccountUser(namespace, account.name),
    });
  }

  authenticate({ token }: { readonly token?: string }): UserInfo | undefined {
    if (token === undefined) return undefined;
    const claims = this.#keys.verify(token);
    const before = claims === undefined ? undefined : this.#believed.get(claims);
    if (before !== undefined && this.#isUnchanged(before)) {
      this.cacheTally?.hit();
      return before.user;
    }
    const reading = this.read(token, this.#context.config.audiences);
    if (reading === undefined) return undefined;
    // Nobody is asked: it takes no millisecond.
    this.cacheTally?.miss(0, reading.good);
    if (!reading.good) throw refused.unauthorized();
    return reading.user;
  }

  /**
   * `undefined` when the token is not one of this cluster's. The reason why a token is bad is for logs and reviews
   * only.
   */
  read(token: string, audiences: readonly string[]): TokenReading | undefined {
    const claims = this.#keys.verify(token);
    if (claims?.['iss'] === legacyIssuer) return this.#readLegacy(token, claims, audiences);
    if (claims === undefined || claims['iss'] !== this.#context.config.issuer) return undefined;
    const given = listOf(claims['aud']);
    const meant = given.filter((audience) => audiences.includes(audience));
    if (meant.length === 0) return { good: false, why: otherAudiences(given, audiences) };
    const binding = claims['kubernetes.io'] as Binding;
    const why = this.#untimely(claims) ?? this.#unbound(binding);
    if (why !== undefined) return { good: false, why };
    const user = this.#userOf(claims, binding);
    if (audiences === this.#context.config.audiences) this.#believe(claims, binding, user);
    return { good: true, user, audiences: meant };
  }

  /** Remembers what the token was believed by, for as long as none of that changes. */
  #believe(claims: Claims, binding: Binding, user: UserInfo): void {
    const objects = boundObjects(binding).map(([type, key]) => ({ key, type }));
    // Who is being deleted may go on for a little while: that is looked at each time.
    if (objects.some(({ type, key }) => this.#context.lookup(type, key)?.metadata.deletionTimestamp !== undefined))
      return;
    const looks = objects.map(({ type, key }) => this.#context.stateOf(type, key));
    this.#believed.set(claims, { claims, user, seen: looks.map((look) => ({ look, state: look() })) });
  }

  #isUnchanged({ claims, seen }: Belief): boolean {
    for (const { look, state } of seen) if (state === undefined || look() !== state) return false;
    return this.#untimely(claims) === undefined;
  }

  /** A token in a Secret is for this server only, and has no end. */
  #readLegacy(token: string, claims: Claims, audiences: readonly string[]): TokenReading {
    const meant = this.#context.config.audiences.filter((audience) => audiences.includes(audience));
    if (meant.length === 0) return { good: false, why: otherAudiences(this.#context.config.audiences, audiences) };
    const reading = readLegacyToken(token, claims, this.#context);
    if (reading.used !== undefined) this.onLegacyUse(reading.used);
    if (!reading.good) return reading;
    const { namespace, account } = reading.order;
    return { good: true, user: this.#userOf(claims, { namespace, serviceaccount: account }), audiences: meant };
  }

  #untimely(claims: Claims): string | undefined {
    const now = this.#context.clock.now() / 1000;
    if (!(now < Number(claims['exp']))) return 'service account token has expired';
    if (now + clockLeewaySeconds < Number(claims['nbf'])) return 'service account token is not valid yet';
    return undefined;
  }

  #unbound(binding: Binding): string | undefined {
    for (const [type, key, reference] of boundObjects(binding)) {
      const why = this.#gone(type, key, reference);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  #gone<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, { uid }: TokenReference): string | undefined {
    const { metadata } = this.#context.lookup(type, key) ?? {};
    if (metadata?.uid !== uid) return `the ${type.singular} of the token has been deleted`;
    const { deletionTimestamp } = metadata;
    if (deletionTimestamp === undefined) return undefined;
    const over = Date.parse(deletionTimestamp) + deletionLeewayMs < this.#context.clock.now();
    return over ? `the ${type.singular} of the token has been deleted` : undefined;
  }

  #userOf(claims: Claims, { namespace, serviceaccount, pod, node }: Binding): UserInfo {
    const known = this.#users.get(claims);
    if (known !== undefined) return known;
    const extra: Record<string, string[]> = {};
    const note = (key: string, value: string) => (extra[`authentication.kubernetes.io/${key}`] = [value]);
    if (claims['jti'] !== undefined) note('credential-id', `JTI=${String(claims['jti'])}`);
    if (node) note('node-name', node.name);
    if (node?.uid) note('node-uid', node.uid);
    if (pod) {
      note('pod-name', pod.name);
      note('pod-uid', pod.uid);
    }
    const user: UserInfo = {
      name: serviceAccountUser(namespace, serviceaccount.name),
      uid: serviceaccount.uid,
      groups: serviceAccountGroups(namespace),
      ...(Object.keys(extra).length > 0 && { extra }),
    };
    this.#users.set(claims, user);
    return user;
  }
}

/** What a token ends with. */
function boundObjects({
  namespace,
  serviceaccount,
  pod,
  secret,
  node,
}: Binding): [type: ResourceType<KubeObject>, key: ObjectKey, reference: TokenReference][] {
  return [
    [ServiceAccounts, { namespace, name: serviceaccount.name }, serviceaccount],
    ...(secret ? [[Secrets, { namespace, name: secret.name }, secret] as const] : []),
    ...(pod ? [[Pods, { namespace, name: pod.name }, pod] as const] : []),
    ...(node && !pod ? [[Nodes, { name: node.name }, node] as const] : []),
  ] as [ResourceType<KubeObject>, ObjectKey, TokenReference][];
}

function listOf(audience: unknown): string[] {
  return Array.isArray(audience) ? audience.map(String) : typeof audience === 'string' ? [audience] : [];
}

function otherAudiences(given: readonly string[], wanted: readonly string[]): string {
  const list = (texts: readonly string[]) => `[${texts.map(goQuote).join(' ')}]`;
  return `token audiences ${list(given)} is invalid for the target audiences ${list(wanted)}`;
}
