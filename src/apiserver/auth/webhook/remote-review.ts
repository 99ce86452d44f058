import { backoffDelay } from '../../../base/backoff.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { RemoteEndpoint, type RemoteIdentity } from '../../streams/remote-endpoint.ts';

/** Where reviews are sent: what a kubeconfig says of its current context. */
export interface ReviewServer extends RemoteIdentity {
  readonly url: string;
}

/** What Kubernetes allows between tries, and how many there are. */
const pauses = { initialMs: 500, maximumMs: 60_000, factor: 1.5, jitter: 0.2 };
const mostTries = 5;
/** Of an answer, in bytes. */
const longestAnswer = 3 * 1024 * 1024;

/** How the server was asked in the end. */
export type ReviewResult = 'success' | 'timeout' | 'error';

/** No review came; `result` says how that is counted. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
  readonly result: Exclude<ReviewResult, 'success'>;
  constructor(message: string, result: Exclude<ReviewResult, 'success'>) {
    super(message);
    this.result = result;
  }
}

/** Sends reviews to another server, and again where it has not taken them. */
export class RemoteReview implements Disposable {
  readonly #server: ReviewServer;
  readonly #sources: { readonly clock: Clock; readonly random: Random };
  readonly #endpoint: RemoteEndpoint;
  /** Hears of each try. */
  onTry: (result: ReviewResult, ms: number) => void = () => {};

  constructor(server: ReviewServer, sources: { readonly clock: Clock; readonly random: Random }) {
    this.#server = server;
    this.#sources = sources;
    this.#endpoint = new RemoteEndpoint(server, sources.clock);
  }

  /** The status of the review that the server answers. Throws {@link ReviewError}. */
  async ask(review: { readonly kind: string }, timeoutMs: number): Promise<Readonly<Record<string, unknown>>> {
    const { clock, random } = this.#sources;
    for (let tries = 1; ; tries++) {
      const began = clock.monotonic();
      const outcome = await this.#askOnce(review, timeoutMs);
      this.onTry(outcome instanceof ReviewError ? outcome.result : 'success', clock.monotonic() - began);
      if (!(outcome instanceof ReviewError)) return outcome;
      if (!(outcome instanceof BusyError) || tries === mostTries) throw outcome;
      await clock.sleep(backoffDelay(pauses, tries, random));
    }
  }

  async #askOnce(
    review: { readonly kind: string },
    timeoutMs: number,
  ): Promise<Readonly<Record<string, unknown>> | ReviewError> {
    const { url } = this.#server;
    const whole = `${url}${url.includes('?') ? '&' : '?'}timeout=${timeoutMs / 1000}s`;
    try {
      const question = { method: 'POST', body: JSON.stringify(review), answerMs: timeoutMs, longestAnswer } as const;
      const { status, text } = await this.#endpoint.ask(whole, question);
      if (status === 429 || status >= 500) return new BusyError(`the server answered with status ${status}`, 'error');
      if (status < 200 || status > 299) return new ReviewError(`the server answered with status ${status}`, 'error');
      return statusIn(text, review.kind);
    } catch (error) {
      const { message } = error as Error;
      if (message.endsWith('context deadline exceeded')) return new ReviewError(message, 'timeout');
      return /connection reset|EOF$/.test(message)
        ? new BusyError(message, 'error')
        : new ReviewError(message, 'error');
    }
  }

  [Symbol.dispose](): void {
    this.#endpoint[Symbol.dispose]();
  }
}

/** It may be asked again. */
class BusyError extends ReviewError {}

function statusIn(text: string, kind: string): Readonly<Record<string, unknown>> | ReviewError {
  const wrong = new ReviewError(`the answer is no ${kind}`, 'error');
  try {
    const answer = JSON.parse(text) as { readonly kind?: unknown; readonly status?: unknown } | null;
    if (answer?.kind !== kind) return wrong;
    const { status } = answer;
    return typeof status === 'object' && status !== null ? (status as Record<string, unknown>) : {};
  } catch {
    return wrong;
  }
}
