import { Nodes, Pods, Secrets, ServiceAccounts, type Secret } from '../../api/core/v1/types.ts';
import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { Authenticator, UserInfo } from './auth.ts';
import type { Claims, TokenKeys } from './json-web-token.ts';
import { legacyIssuer, readLegacyToken } from './legacy-token.ts';
import { serviceAccountGroups, serviceAccountUser } from './service-account.ts';

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

/** What a token says; `audiences` are those of the asked ones that it is for. */
export type TokenReading =
  | { readonly good: true; readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly good: false; readonly why: string };

/** The claims under the name `kubernetes.io`. */
interface Binding {
  readonly namespace: string;
  readonly serviceaccount: TokenReference;
  readonly pod?: TokenReference;
  readonly secret?: TokenReference;
  readonly node?: TokenReference;
  readonly warnafter?: number;
}

/** A bound object that is being deleted keeps its tokens for so long, so that what stops in good order can say so. */
const deletionLeewayMs = 60_000;
/** How far the clocks of the servers of one cluster may differ. */
const clockLeewaySeconds = 60;

/**
 * Issues and reads the tokens of service accounts: signed claims that name the account and what the token is bound to.
 * A token dies when the account or the bound object is gone or is another one of the same name.
 */
export class ServiceAccountTokens implements Authenticator {
  readonly #keys: TokenKeys;
  readonly #context: ServerContext;
  readonly #users = new WeakMap<Claims, UserInfo>();
  /** Hears of each use of a token that is kept in a Secret. */
  onLegacyUse: (secret: Readonly<Secret>) => void = () => {};

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
    const reading = this.read(token, this.#context.config.audiences);
    if (reading === undefined) return undefined;
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
    const meant = listOf(claims['aud']).filter((audience) => audiences.includes(audience));
    if (meant.length === 0) return { good: false, why: 'token is for other audiences' };
    const binding = claims['kubernetes.io'] as Binding;
    const why = this.#untimely(claims) ?? this.#unbound(binding);
    if (why !== undefined) return { good: false, why };
    return { good: true, user: this.#userOf(claims, binding), audiences: meant };
  }

  /** A token in a Secret is for this server only, and has no end. */
  #readLegacy(token: string, claims: Claims, audiences: readonly string[]): TokenReading {
    const meant = this.#context.config.audiences.filter((audience) => audiences.includes(audience));
    if (meant.length === 0) return { good: false, why: 'token is for other audiences' };
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

  #unbound({ namespace, serviceaccount, pod, secret, node }: Binding): string | undefined {
    return (
      this.#gone(ServiceAccounts, { namespace, name: serviceaccount.name }, serviceaccount) ??
      (secret && this.#gone(Secrets, { namespace, name: secret.name }, secret)) ??
      (pod && this.#gone(Pods, { namespace, name: pod.name }, pod)) ??
      (node && !pod ? this.#gone(Nodes, { name: node.name }, node) : undefined)
    );
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

function listOf(audience: unknown): string[] {
  return Array.isArray(audience) ? audience.map(String) : typeof audience === 'string' ? [audience] : [];
}
