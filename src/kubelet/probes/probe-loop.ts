import type { Probe } from '../../api/core/v1/types.ts';
import type { Clock, Timer } from '../../base/clock.ts';

export type ProbeKind = 'Startup' | 'Liveness' | 'Readiness';

/** The outcome of one probe; `unknown`: nobody could be asked, the answer counts for nothing. */
export type ProbeOutcome =
  | { readonly is: 'success' }
  | { readonly is: 'failure'; readonly output: string }
  | { readonly is: 'unknown'; readonly output: string };

export interface ProbeLoopOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly initially: boolean;
  readonly clock: Clock;
  /** When the container started. */
  readonly startedAt: number;
  readonly ask: () => Promise<ProbeOutcome>;
  /** Called with the text of an event for each probe that does not succeed. */
  readonly complain: (message: string) => void;
  /** Called when the verdict has changed, or when enough failures have come together. */
  readonly onChange: () => void;
}

/**
 * One probe of one container, asked every period. The verdict changes after as many equal answers in a row as the
 * thresholds say. A startup probe that has succeeded, and one that has failed for good, is not asked again.
 */
export class ProbeLoop {
  readonly #options: ProbeLoopOptions;
  #verdict: boolean;
  #hasFailed = false;
  #lastAnswer: boolean | undefined;
  #inARow = 0;
  #timer: Timer | undefined;
  #started = false;
  #stopped = false;

  constructor(options: ProbeLoopOptions) {
    this.#options = options;
    this.#verdict = options.initially;
  }

  get verdict(): boolean {
    return this.#verdict;
  }

  /** The container must be restarted. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  start(): void {
    const { kind, clock, probe, startedAt } = this.#options;
    if (this.#started || this.#stopped || (kind === 'Startup' && this.#verdict)) return;
    this.#started = true;
    const delayMs = startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now();
    this.#timer = clock.setTimer(Math.max(0, delayMs), () => void this.#round());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #round(): Promise<void> {
    const { clock, probe } = this.#options;
    const began = clock.monotonic();
    const outcome = await this.#options.ask();
    if (this.#stopped) return;
    this.#take(outcome);
    if (this.#stopped) return;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    const spentMs = clock.monotonic() - began;
    this.#timer = clock.setTimer(periodMs - (spentMs % periodMs), () => void this.#round());
  }

  #take(outcome: ProbeOutcome): void {
    const { kind, probe, complain, onChange } = this.#options;
    if (outcome.is === 'unknown') {
      complain(`${kind} probe errored and resulted in unknown state: ${outcome.output}`);
      return;
    }
    const success = outcome.is === 'success';
    if (!success) complain(`${kind} probe failed: ${outcome.output}`);
    this.#inARow = success === this.#lastAnswer ? this.#inARow + 1 : 1;
    this.#lastAnswer = success;
    const enough = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (this.#inARow < enough) return;
    const changed = this.#verdict !== success;
    this.#verdict = success;
    const isFinal = kind === 'Startup' || (kind === 'Liveness' && !success);
    if (isFinal) this.stop();
    this.#hasFailed = isFinal && !success;
    if (changed || this.#hasFailed) onChange();
  }
}
