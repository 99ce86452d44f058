import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { AuditBackend } from './audit-trail.ts';
import type { AuditTallies } from './audit-tallies.ts';
import { eventText, type Event } from './event.ts';

/** How events are put together and sent; Kubernetes' flags of `--audit-webhook-…` have the same names. */
export interface WebhookSettings {
  /** Events that may wait; what comes beyond that is lost, and counted. */
  readonly bufferSize: number;
  /** Events that are sent together at most. */
  readonly maxSize: number;
  /** How long events wait for others at most. */
  readonly maxWaitMs: number;
  /** Sendings in a second, and how many more at once after a time without any; absent: as many as come. */
  readonly throttle?: { readonly perSecond: number; readonly burst: number };
  /** The wait after the first failure. */
  readonly initialBackoffMs: number;
  /** What is larger goes without its bodies, or not at all; absent: as it is. */
  readonly truncate?: { readonly maxEventBytes: number; readonly maxBatchBytes: number };
}

export const usualWebhook: WebhookSettings = {
  bufferSize: 10_000,
  maxSize: 400,
  maxWaitMs: 30_000,
  throttle: { perSecond: 10, burst: 15 },
  initialBackoffMs: 10_000,
};

/** Sends one EventList. Resolves with HTTP's number of the answer; rejects where there was none. */
export type SendEvents = (body: string, signal: AbortSignal) => Promise<number>;

export interface WebhookParts {
  readonly send: SendEvents;
  readonly clock: Clock;
  readonly random: Random;
  readonly tallies: AuditTallies;
  readonly log: Logger;
}

const tries = 5;
/** Bytes of events that may wait, whatever the settings say; as many may be on their way. */
const mostWaitingBytes = 32 << 20;
/** When the server ends, what waits is sent for so long. */
const lastWordsMs = 5000;

/** Sends events to a server, many at a time; what cannot be sent is tried again, and then lost. */
export class WebhookBackend implements AuditBackend {
  readonly #settings: WebhookSettings;
  readonly #parts: WebhookParts;
  readonly #stop = new AbortController();
  readonly #backoff: BackoffPolicy;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #isEnding = false;
  /** Is called when there is something to look at: a whole batch, or the end. */
  #wake = (): void => {};
  /** As of a moment, how many sendings may go at once. */
  #tokens: number;
  #tokensAt: number;
  readonly #running: Promise<void>;

  constructor(settings: WebhookSettings, parts: WebhookParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#backoff = { initialMs: settings.initialBackoffMs, factor: 1.5, jitter: 0.2, maximumMs: 10 * 60_000 };
    this.#tokens = settings.throttle?.burst ?? 0;
    this.#tokensAt = parts.clock.monotonic();
    this.#running = this.#run();
  }

  take(event: Event): void {
    const { bufferSize, maxSize } = this.#settings;
    const text = this.#fitting(event);
    const isFull = this.#waiting.length >= bufferSize || this.#waitingBytes + (text?.length ?? 0) > mostWaitingBytes;
    if (text === undefined || this.#isEnding || isFull) return this.#parts.tallies.lost('webhook', 1);
    this.#waiting.push(text);
    this.#waitingBytes += text.length;
    if (this.#waiting.length === 1 || this.#waiting.length === maxSize) this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#wake();
    const timer = this.#parts.clock.setTimer(lastWordsMs, () => this.#stop.abort());
    await this.#running;
    timer.cancel();
  }

  /** The event within the bounds, without its bodies where they are too large; `undefined`: even so it does not fit. */
  #fitting(event: Event): string | undefined {
    const text = eventText(event);
    const { truncate } = this.#settings;
    if (truncate === undefined || Buffer.byteLength(text) <= truncate.maxEventBytes) return text;
    const { requestObject: _request, responseObject: _response, ...rest } = event;
    const annotations = { ...event.annotations, 'audit.k8s.io/truncated': 'true' };
    const short = eventText({ ...rest, annotations });
    return Buffer.byteLength(short) <= truncate.maxEventBytes ? short : undefined;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#batchOrEnd();
      if (this.#waiting.length === 0) {
        if (this.#isEnding) return;
        continue;
      }
      const batch = this.#next();
      await this.#throttled();
      await this.#send(batch);
    }
    this.#parts.tallies.lost('webhook', this.#waiting.length);
  }

  /** Resolves when a whole batch waits, the first of it has waited long enough, or there is no more to come. */
  async #batchOrEnd(): Promise<void> {
    const { maxSize, maxWaitMs } = this.#settings;
    if (this.#waiting.length === 0 && !this.#isEnding) await this.#woken(undefined);
    if (this.#waiting.length < maxSize && !this.#isEnding) await this.#woken(maxWaitMs);
  }

  #woken(withinMs: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs === undefined ? undefined : this.#parts.clock.setTimer(withinMs, resolve);
      this.#wake = () => {
        timer?.cancel();
        resolve();
      };
    });
  }

  /** What is sent together, which is as much as the bounds allow. */
  #next(): string[] {
    const { maxSize, truncate } = this.#settings;
    const most = truncate?.maxBatchBytes ?? Infinity;
    let count = 0;
    for (let bytes = 0; count < Math.min(maxSize, this.#waiting.length); count++) {
      bytes += Buffer.byteLength(this.#waiting[count]!);
      if (count > 0 && bytes > most) break;
    }
    const batch = this.#waiting.splice(0, count);
    this.#waitingBytes -= batch.reduce((sum, { length }) => sum + length, 0);
    return batch;
  }

  async #throttled(): Promise<void> {
    const { throttle } = this.#settings;
    if (throttle === undefined) return;
    const { clock } = this.#parts;
    const now = clock.monotonic();
    this.#tokens = Math.min(throttle.burst, this.#tokens + ((now - this.#tokensAt) / 1000) * throttle.perSecond) - 1;
    this.#tokensAt = now;
    if (this.#tokens < 0)
      await clock.sleep((-this.#tokens / throttle.perSecond) * 1000, this.#stop.signal).catch(() => {});
  }

  async #send(batch: readonly string[]): Promise<void> {
    const { send, clock, random, tallies, log } = this.#parts;
    const { signal } = this.#stop;
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${batch.join(',')}]}\n`;
    let why: unknown;
    for (let failures = 0; failures < tries && !signal.aborted;) {
      try {
        const code = await send(body, signal);
        if (code >= 200 && code < 300) return;
        why = `the server answered ${code}`;
        // Others it would give again.
        if (code !== 429 && code < 500) break;
      } catch (error) {
        why = error;
      }
      if (++failures < tries) await clock.sleep(backoffDelay(this.#backoff, failures, random), signal).catch(() => {});
    }
    tallies.lost('webhook', batch.length);
    log.error('Audit events could not be sent', { events: batch.length, error: why });
  }
}
