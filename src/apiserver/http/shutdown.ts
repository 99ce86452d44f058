import type { Clock } from '../../base/clock.ts';
import type { Exchange } from '../../http/exchange.ts';

/** How a server ends. */
export interface ShutdownTimes {
  /** How long it goes on serving after it has said that it is not ready (default 0). */
  readonly delayMs?: number;
  /** How long requests that are under way may take to end then (default 5 s). */
  readonly drainMs?: number;
}

const usual = { delayMs: 0, drainMs: 5000 };

/** Are answered to the last. */
const probes = ['/readyz', '/livez', '/healthz', '/metrics'];

/**
 * The end of serving, in steps: the server says that it is not ready, and serves on for a while, so that nobody is sent to
 * it any more; then it refuses what comes, and waits for what is under way, but for what would go on for ever.
 */
export class Shutdown {
  readonly #clock: Clock;
  readonly #times: Required<ShutdownTimes>;
  #running = 0;
  #idle = Promise.withResolvers<void>();
  #ending: Promise<void> | undefined;
  #phase: 'serving' | 'leaving' | 'draining' = 'serving';

  constructor(clock: Clock, times: ShutdownTimes = {}) {
    this.#clock = clock;
    this.#times = { ...usual, ...times };
  }

  /** For the health check: `undefined` while the server goes on. */
  get problem(): string | undefined {
    return this.#phase === 'serving' ? undefined : 'process is shutting down';
  }

  /** A request of which the end is waited for has begun. */
  enter(): void {
    this.#running++;
  }

  leave(): void {
    if (--this.#running === 0) this.#idle.resolve();
  }

  /** Answers a request that comes too late; false: it does not. */
  refuses(exchange: Exchange): boolean {
    if (this.#phase !== 'draining') return false;
    if (probes.some((path) => exchange.target.startsWith(path))) return false;
    // HTTP/2 has no such header: its clients are told when the connection ends.
    const closing = exchange.connection.protocol === 'HTTP/1.1' ? { connection: 'close' } : {};
    const headers = { ...closing, 'retry-after': '5', 'content-type': 'text/plain; charset=utf-8', ...notSniffed };
    exchange.respond(429, headers, Buffer.from('The apiserver is shutting down, please try again later.\n'));
    return true;
  }

  /**
   * Resolves when nothing is under way, or may not take longer. `endStreams` ends what would go on for ever. Whoever asks
   * again waits for the same end.
   */
  run(endStreams: () => void): Promise<void> {
    return (this.#ending ??= this.#end(endStreams));
  }

  async #end(endStreams: () => void): Promise<void> {
    const { delayMs, drainMs } = this.#times;
    this.#phase = 'leaving';
    if (delayMs > 0) await this.#clock.sleep(delayMs);
    this.#phase = 'draining';
    endStreams();
    if (this.#running === 0) return;
    this.#idle = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(drainMs, () => this.#idle.resolve());
    await this.#idle.promise;
    timer.cancel();
  }
}

const notSniffed = { 'x-content-type-options': 'nosniff' };
