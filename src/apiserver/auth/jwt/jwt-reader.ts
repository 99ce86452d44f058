import type { Clock } from '../../../base/clock.ts';
import { TimedMap } from '../../../base/timed-map.ts';
import type { JwtConfiguration } from '../../configuration/jwt-configuration.ts';
import type { IssuerTally } from '../access-tallies.ts';
import type { UserInfo } from '../auth.ts';
import type { Claims } from '../json-web-token.ts';
import type { TokenCacheTally } from '../token-cache-tally.ts';
import type { OwnTokenReader } from '../token-reader.ts';
import { claimExpressions, type ClaimExpressions } from './claim-expressions.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { parsedToken, type ParsedToken } from './parsed-token.ts';
import { algorithmNames, isSignedBy } from './signature.ts';
import { ClaimError, userOfClaims } from './user-of-claims.ts';

/** As long as Kubernetes believes a token without looking again. */
const believedMs = 10_000;
/** Longer tokens are verified each time. */
const longestRemembered = 8192;
/** How far the issuer's clock may be ahead. */
const leewaySeconds = 60;

interface Believed {
  readonly user: UserInfo;
  readonly expiresAt: number;
}

type Reading = { readonly user: UserInfo } | { readonly why: string };

/** Knows users by the tokens of one configured issuer (OpenID Connect Core 1.0, "ID Token"). */
export class JwtReader implements OwnTokenReader, Disposable {
  readonly #config: JwtConfiguration;
  readonly #clock: Clock;
  readonly #tally: IssuerTally;
  readonly #cache: TokenCacheTally;
  readonly #keys: IssuerKeys;
  readonly #expressions: ClaimExpressions;
  readonly #believed: TimedMap<string, Believed>;

  /** The configuration is valid. */
  constructor(config: JwtConfiguration, clock: Clock, tally: IssuerTally, cache: TokenCacheTally) {
    this.#tally = tally;
    this.#cache = cache;
    this.#config = config;
    this.#clock = clock;
    this.#believed = new TimedMap(clock, 2048, longestRemembered);
    this.#keys = new IssuerKeys(config.issuer, clock, tally);
    this.#expressions = claimExpressions(config, 'jwt', []);
  }

  read(token: string): Reading | undefined | Promise<Reading> {
    const before = this.#believed.get(token)?.value;
    if (before !== undefined && this.#clock.now() < before.expiresAt) {
      this.#cache.hit();
      return before;
    }
    const began = this.#clock.monotonic();
    const took = (reading: Reading): Reading => {
      const seconds = (this.#clock.monotonic() - began) / 1000;
      const isGood = !('why' in reading);
      this.#tally.took[isGood ? 'success' : 'failure'].add(seconds);
      this.#cache.miss(seconds, isGood);
      return reading;
    };
    const reading = this.#readAnew(token);
    if (reading === undefined) return undefined;
    if (!(reading instanceof Promise)) return took(reading);
    this.#cache.inFlight++;
    return reading.finally(() => this.#cache.inFlight--).then(took);
  }

  #readAnew(token: string): Reading | undefined | Promise<Reading> {
    const parsed = parsedToken(token);
    if (parsed === undefined || !isIssuer(parsed.claims['iss'], this.#config.issuer.url)) return undefined;
    if (!algorithmNames.includes(parsed.algorithm))
      return bad(`verify token: oidc: id token signed with unsupported algorithm ${JSON.stringify(parsed.algorithm)}`);
    if (this.#isSigned(parsed)) return this.#readVerified(token, parsed.claims);
    return this.#keys.refresh().then(
      () =>
        this.#isSigned(parsed)
          ? this.#readVerified(token, parsed.claims)
          : bad('verify token: failed to verify signature: failed to verify id token signature'),
      (error: Error) => bad(`verify token: failed to verify signature: ${error.message}`),
    );
  }

  #isSigned({ keyId, algorithm, signed, signature }: ParsedToken): boolean {
    return this.#keys.of(keyId).some(({ key }) => isSignedBy(key, algorithm, signed, signature));
  }

  #readVerified(token: string, claims: Claims): Reading {
    const now = this.#clock.now();
    const why = this.#unfit(claims, now / 1000);
    if (why !== undefined) return bad(`verify token: ${why}`);
    try {
      const user = userOfClaims(claims, this.#config, this.#expressions);
      return this.#believed.set(token, { user, expiresAt: Number(claims['exp']) * 1000 }, believedMs);
    } catch (error) {
      if (error instanceof ClaimError) return { why: error.message };
      throw error;
    }
  }

  /** For whom and when the token is, whoever has signed it. */
  #unfit({ aud, exp, nbf }: Claims, nowSeconds: number): string | undefined {
    const { audiences } = this.#config.issuer;
    const meant = Array.isArray(aud) ? aud : [aud];
    if (!meant.some((one) => audiences.includes(one as string)))
      return `oidc: expected audience in ${JSON.stringify(audiences)}`;
    if (typeof exp !== 'number' || exp < nowSeconds) return 'oidc: token is expired';
    if (nbf !== undefined && (typeof nbf !== 'number' || nowSeconds + leewaySeconds < nbf))
      return 'oidc: current time before the nbf (not before) time';
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#keys[Symbol.dispose]();
  }
}

/** One issuer is known by two names. */
function isIssuer(claimed: unknown, url: string): boolean {
  return claimed === url || (claimed === 'accounts.google.com' && url === 'https://accounts.google.com');
}

function bad(why: string): Reading {
  return { why: `oidc: ${why}` };
}
