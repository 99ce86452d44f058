import { Timings } from '../timings.ts';

/** Upper bounds in seconds: those that Prometheus' clients have by default, as here in Kubernetes. */
const bounds: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How often tokens were known from before, and how the others were read. */
export class TokenCacheTally {
  readonly hits = new Timings(bounds);
  readonly misses = new Timings(bounds);
  /** Readings that came to an answer, and those that found a token bad or could not be made. */
  readonly fetched = { ok: 0, error: 0 };
  /** Readings that somebody else is asked for now, and who waits for the same one. */
  inFlight = 0;
  blocked = 0;

  /** That takes far less than a millisecond, which is the least that Kubernetes counts. */
  hit(): void {
    this.hits.add(0);
  }

  /** `seconds`: that reading it took. */
  miss(seconds: number, isGood: boolean): void {
    this.misses.add(seconds);
    this.fetched[isGood ? 'ok' : 'error']++;
  }
}
