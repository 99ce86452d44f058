import type { Clock } from '../../base/clock.ts';
import { lifetimeOf, type RelayedResponse } from '../wire/relay.ts';

interface Entry {
  readonly response: RelayedResponse;
  readonly storedMs: number;
  readonly untilMs: number;
}

export interface CachedResponse {
  readonly response: RelayedResponse;
  readonly ageSeconds: number;
}

/** In seconds, whatever the records say; the numbers of CoreDNS' `cache 30`. */
const longest = 30;
const shortest = 5;
const mostBytes = 8 * 1024 * 1024;
/** What an entry costs beside its bytes, about. */
const overhead = 512;

/** Answers of other name servers, for as long as their records say. Bounded: the oldest go first. */
export class ResponseCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): CachedResponse | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.monotonic();
    if (now < entry.untilMs) return { response: entry.response, ageSeconds: Math.floor((now - entry.storedMs) / 1000) };
    this.#remove(key, entry);
    return undefined;
  }

  /** Keeps an answer that is whole and says yes or no for certain. */
  add(key: string, response: RelayedResponse): void {
    const isCertain = !response.isTruncated && (response.code === 0 || response.code === 3);
    const lifetime = isCertain ? lifetimeOf(response) : undefined;
    if (lifetime === undefined) return;
    const old = this.#entries.get(key);
    if (old !== undefined) this.#remove(key, old);
    const storedMs = this.#clock.monotonic();
    const untilMs = storedMs + Math.min(longest, Math.max(shortest, lifetime)) * 1000;
    this.#entries.set(key, { response, storedMs, untilMs });
    this.#bytes += sizeOf(response);
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= mostBytes) break;
      this.#remove(oldest, entry);
    }
  }

  #remove(key: string, { response }: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= sizeOf(response);
  }
}

function sizeOf({ bytes }: RelayedResponse): number {
  return bytes.length + overhead;
}
