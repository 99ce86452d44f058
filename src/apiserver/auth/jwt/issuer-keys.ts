import type { Clock } from '../../../base/clock.ts';
import { RemoteEndpoint } from '../../streams/remote-endpoint.ts';
import type { IssuerConfiguration } from '../../configuration/jwt-configuration.ts';
import type { IssuerTally } from '../access-tallies.ts';
import { hashOf } from '../hash-of.ts';
import { keysOf, type IssuerKey } from './signature.ts';

/** Tokens with keys that nobody knows make the server ask the issuer again, but no sooner than this. */
const leastBetweenMs = 2000;
const answerMs = 30_000;
/** Of an issuer's answer, in bytes. */
const longestAnswer = 1024 * 1024;

/**
 * The keys of an issuer, found by its discovery document (OpenID Connect Discovery 1.0) when they are first wanted, and
 * again when a token is signed with a key that is not among them. Whoever comes meanwhile waits for the same answer.
 */
export class IssuerKeys implements Disposable {
  readonly #issuer: IssuerConfiguration;
  readonly #clock: Clock;
  readonly #tally: IssuerTally;
  readonly #endpoint: RemoteEndpoint;
  #keys: readonly IssuerKey[] = [];
  #keysUrl: string | undefined;
  #asking: Promise<void> | undefined;
  #askedAt = -Infinity;
  #problem = 'the issuer was not asked yet';

  constructor(issuer: IssuerConfiguration, clock: Clock, tally: IssuerTally) {
    this.#tally = tally;
    this.#issuer = issuer;
    this.#clock = clock;
    const { certificateAuthority } = issuer;
    this.#endpoint = new RemoteEndpoint({ ...(certificateAuthority && { authority: certificateAuthority }) }, clock);
  }

  /** The keys that may have signed a token which names this one; all where it names none. */
  of(keyId: string): readonly IssuerKey[] {
    return keyId === '' ? this.#keys : this.#keys.filter(({ id }) => id === keyId);
  }

  /** Asks the issuer. Rejects when it cannot be asked, or was a moment ago. */
  refresh(): Promise<void> {
    if (this.#asking !== undefined) return this.#asking;
    const now = this.#clock.monotonic();
    if (now - this.#askedAt < leastBetweenMs) return Promise.reject(new Error(`fetching keys: ${this.#problem}`));
    this.#askedAt = now;
    this.#asking = this.#ask()
      .then(() => {
        this.#tally.fetchedAt.success = this.#clock.now() / 1000;
        this.#problem = 'no key of the issuer has signed it';
      })
      .catch((error: Error) => {
        this.#tally.fetchedAt.failure = this.#clock.now() / 1000;
        this.#problem = error.message;
        throw new Error(`fetching keys: ${error.message}`, { cause: error });
      })
      .finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #ask(): Promise<void> {
    this.#keysUrl ??= await this.#discover();
    const text = await this.#text(this.#keysUrl);
    this.#keys = keysOf(parsed(this.#keysUrl, text));
    this.#tally.keySet = hashOf(text);
  }

  async #discover(): Promise<string> {
    const { url, discoveryURL } = this.#issuer;
    const from = discoveryURL || `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = parsed(from, await this.#text(from));
    const { issuer, jwks_uri } = document as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (issuer !== url)
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(url)} got ${JSON.stringify(issuer)}`,
      );
    if (typeof jwks_uri !== 'string' || !URL.canParse(jwks_uri) || !jwks_uri.startsWith('https://'))
      throw new Error('provider did not return JWKS URL');
    return jwks_uri;
  }

  async #text(url: string): Promise<string> {
    const { status, text } = await this.#endpoint.ask(url, { method: 'GET', answerMs, longestAnswer });
    if (status !== 200) throw new Error(`GET ${url}: the answer has status ${status}`);
    return text;
  }

  [Symbol.dispose](): void {
    this.#endpoint[Symbol.dispose]();
  }
}

function parsed(url: string, text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error(`GET ${url}: the answer is no JSON`);
  }
}
