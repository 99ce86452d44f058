import type { SubjectAccessReviewSpec } from '../../../api/authorization/v1/types.ts';
import { parseGoDuration } from '../../../apimachinery/duration.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import { TimedMap } from '../../../base/timed-map.ts';
import { CelError } from '../../../cel/values/value.ts';
import type { ConfiguredExpression } from '../../configuration/cel-expressions.ts';
import type { WebhookAuthorizerConfiguration } from '../../configuration/authorization-configuration.ts';
import { Timings } from '../../timings.ts';
import { webhookBounds, type WebhookTally } from '../access-tallies.ts';
import type { Attributes, Authorizer, Decision } from '../auth.ts';
import { matchConditions } from './match-conditions.ts';
import { RemoteReview, ReviewError, type ReviewServer } from './remote-review.ts';
import { freeLetters, reviewForConditions, reviewSpec } from './review-spec.ts';

/** Questions with more than so many letters of their sender's choice are not remembered. */
const mostFreeLetters = 10_000;
const mostRemembered = 8192;

interface Sources {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly tally: WebhookTally;
}

const noOpinion: Decision = { allowed: false, denied: false, reason: '' };

/** Asks another server, by SubjectAccessReviews, whether something may be done. */
export class WebhookAuthorizer implements Authorizer, Disposable {
  readonly name: string;
  readonly #config: Readonly<WebhookAuthorizerConfiguration>;
  readonly #sources: Sources;
  readonly #conditions: readonly ConfiguredExpression[];
  readonly #remote: RemoteReview;
  readonly #remembered: TimedMap<string, Decision>;

  /** The configuration is valid, and has its defaults. */
  constructor(name: string, config: Readonly<WebhookAuthorizerConfiguration>, server: ReviewServer, sources: Sources) {
    this.name = name;
    this.#config = config;
    this.#sources = sources;
    this.#remembered = new TimedMap(sources.clock, mostRemembered);
    this.#conditions = matchConditions(config.matchConditions ?? [], '', []);
    this.#remote = new RemoteReview(server, sources);
    this.#remote.onTry = (result, ms) => {
      const { tries } = sources.tally;
      if (!tries.has(result)) tries.set(result, new Timings(webhookBounds));
      tries.get(result)!.add(ms / 1000);
    };
  }

  authorize(attributes: Attributes): Decision | Promise<Decision> {
    const spec = reviewSpec(attributes);
    const problem = this.#conditions.length === 0 ? undefined : this.#unmatched(spec);
    if (problem !== undefined) return problem;
    const key = JSON.stringify(spec);
    const before = this.#remembered.get(key);
    if (before !== undefined) return before.value;
    return this.#ask(spec, freeLetters(attributes) < mostFreeLetters ? key : undefined);
  }

  /** Why the server is not asked: a condition that is false is heard before one that cannot be evaluated. */
  #unmatched(spec: SubjectAccessReviewSpec): Decision | undefined {
    const request = reviewForConditions(spec);
    const problems: string[] = [];
    for (const { program, text } of this.#conditions) {
      const { value } = program.run({ request });
      if (value === false) return noOpinion;
      if (value instanceof CelError)
        problems.push(`cel evaluation error: expression '${text}' resulted in error: ${value.message}`);
    }
    if (problems.length === 0) return undefined;
    return this.#failed(problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]!);
  }

  async #ask(spec: SubjectAccessReviewSpec, key: string | undefined): Promise<Decision> {
    const { subjectAccessReviewVersion: version, timeout } = this.#config;
    const review = { apiVersion: `authorization.k8s.io/${version}`, kind: 'SubjectAccessReview' };
    try {
      const status = await this.#remote.ask(
        { ...review, spec: version === 'v1' ? spec : olderSpec(spec) } as typeof review,
        parseGoDuration(timeout)!,
      );
      const decision = decisionOf(status);
      if (key !== undefined) this.#remember(key, decision);
      return decision;
    } catch (error) {
      if (!(error instanceof ReviewError)) throw error;
      this.#sources.log.error('a webhook that decides what may be done failed', {
        webhook: this.name,
        error: error.message,
      });
      const { failedOpen } = this.#sources.tally;
      if (this.#config.failurePolicy === 'NoOpinion')
        failedOpen.set(error.result, (failedOpen.get(error.result) ?? 0) + 1);
      return this.#failed(error.message);
    }
  }

  #remember(key: string, decision: Decision): void {
    const { authorizedTTL, cacheAuthorizedRequests, unauthorizedTTL, cacheUnauthorizedRequests } = this.#config;
    const isKept = decision.allowed ? cacheAuthorizedRequests : cacheUnauthorizedRequests;
    if (isKept !== true) return;
    const ttlMs = parseGoDuration((decision.allowed ? authorizedTTL : unauthorizedTTL)!)!;
    this.#remembered.set(key, decision, ttlMs);
  }

  #failed(error: string): Decision {
    return { allowed: false, denied: this.#config.failurePolicy === 'Deny', reason: '', error };
  }

  [Symbol.dispose](): void {
    this.#remote[Symbol.dispose]();
  }
}

/** v1beta1 has another name for the groups. */
function olderSpec({ groups, ...spec }: SubjectAccessReviewSpec) {
  return { ...spec, ...(groups !== undefined && { group: groups }) };
}

function decisionOf({ allowed, denied, reason: given }: Readonly<Record<string, unknown>>): Decision {
  const reason = typeof given === 'string' ? given : '';
  if (denied !== true) return allowed === true ? { allowed, reason } : { ...noOpinion, reason };
  const refusal = { allowed: false, denied, reason } as const;
  if (allowed !== true) return refusal;
  return { ...refusal, error: 'webhook subject access review returned both allow and deny response' };
}
