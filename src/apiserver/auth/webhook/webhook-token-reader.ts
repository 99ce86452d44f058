import { createHash } from 'node:crypto';
import { parseGoDuration } from '../../../apimachinery/duration.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import { TimedMap } from '../../../base/timed-map.ts';
import type { TokenWebhookOptions } from '../../configuration/authentication-options.ts';
import type { TokenCacheTally } from '../token-cache-tally.ts';
import type { TokenReader, TokenReading } from '../token-reader.ts';
import { RemoteReview, ReviewError, type ReviewServer } from './remote-review.ts';
import { areTexts, reviewedUser } from './reviewed-user.ts';

const mostRemembered = 32_768;
/** Strangers make the server ask: so many tokens may be asked about at once. */
const mostAsked = 256;
const answerMs = 30_000;

interface Sources {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Knows users by their tokens where another server does, which is asked by TokenReviews. */
export class WebhookTokenReader implements TokenReader, Disposable {
  readonly #own: readonly string[];
  readonly #cache: TokenCacheTally;
  readonly #version: string;
  readonly #ttlMs: number;
  readonly #sources: Sources;
  readonly #remote: RemoteReview;
  /** Undefined where the other server does not know the token. */
  readonly #remembered: TimedMap<string, TokenReading | undefined>;
  readonly #asking = new Map<string, Promise<TokenReading | undefined>>();

  /** The options are valid and have their defaults; `own` are the audiences of this server. */
  constructor(
    options: Readonly<TokenWebhookOptions>,
    server: ReviewServer,
    own: readonly string[],
    cache: TokenCacheTally,
    sources: Sources,
  ) {
    this.#cache = cache;
    this.#own = own;
    this.#version = options.version!;
    this.#ttlMs = parseGoDuration(options.cacheTTL!)!;
    this.#sources = sources;
    this.#remembered = new TimedMap(sources.clock, mostRemembered);
    this.#remote = new RemoteReview(server, sources);
  }

  read(token: string, audiences: readonly string[]): TokenReading | undefined | Promise<TokenReading | undefined> {
    const key = keyOf(token, audiences);
    const before = this.#remembered.get(key);
    if (before !== undefined) {
      this.#cache.hit();
      return before.value;
    }
    const began = this.#sources.clock.monotonic();
    const asking = this.#asking.get(key);
    if (asking !== undefined) {
      this.#cache.blocked++;
      return asking.finally(() => this.#cache.blocked--);
    }
    if (this.#asking.size >= mostAsked) return bad('the webhook is being asked about too many tokens');
    this.#cache.inFlight++;
    const asked = this.#ask(token, audiences, key)
      .then((reading) => {
        this.#cache.miss((this.#sources.clock.monotonic() - began) / 1000, reading === undefined || reading.good);
        return reading;
      })
      .finally(() => {
        this.#cache.inFlight--;
        this.#asking.delete(key);
      });
    this.#asking.set(key, asked);
    return asked;
  }

  /** What goes wrong is not remembered. */
  async #ask(token: string, audiences: readonly string[], key: string): Promise<TokenReading | undefined> {
    const review = { apiVersion: `authentication.k8s.io/${this.#version}`, kind: 'TokenReview' };
    const spec = { token, audiences };
    try {
      const reading = this.#readingOf(
        await this.#remote.ask({ ...review, spec } as typeof review, answerMs),
        audiences,
      );
      if (reading === undefined || reading.good) this.#remembered.set(key, reading, this.#ttlMs);
      return reading;
    } catch (error) {
      if (!(error instanceof ReviewError)) throw error;
      this.#sources.log.error('the webhook that knows tokens failed', { error: error.message });
      return bad(error.message);
    }
  }

  /** A server that says nothing of audiences means those of this one. */
  #readingOf(
    { authenticated, user, audiences: told, error }: Readonly<Record<string, unknown>>,
    asked: readonly string[],
  ): TokenReading | undefined {
    const meant = areTexts(told) && told.length > 0 ? told : this.#own;
    const audiences = asked.filter((audience) => meant.includes(audience));
    if (audiences.length === 0) return undefined;
    if (authenticated !== true) return typeof error === 'string' && error !== '' ? bad(error) : undefined;
    const known = reviewedUser(user);
    return known === undefined ? bad('the webhook told of no user') : { good: true, user: known, audiences };
  }

  [Symbol.dispose](): void {
    this.#remote[Symbol.dispose]();
  }
}

/** Tokens are not kept, and those of any length take the same room. */
function keyOf(token: string, audiences: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([token, ...audiences]))
    .digest('base64');
}

function bad(why: string): TokenReading {
  return { good: false, why };
}
