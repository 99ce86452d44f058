import type { Ingress } from '../api/networking/v1/types.ts';
import { keyText } from '../apimachinery/object.ts';
import type { EventRecorder } from '../reconciler/event-recorder.ts';
import type { Problem } from './routes/routes.ts';

/** What is not there yet often comes with the next request of the same `kubectl apply`. */
const settleMs = 1500;

/** Tells users what is wrong with their Ingresses: once for each problem, when it has stayed for a moment. */
export class ProblemReporter {
  readonly #seen = new Map<string, { readonly since: number; told: boolean }>();

  /** Answers after how many milliseconds to come again, if there is something that may have to be told then. */
  report(
    ingresses: readonly Readonly<Ingress>[],
    problems: ReadonlyMap<string, readonly Problem[]>,
    now: number,
    events: EventRecorder,
  ): number | undefined {
    const present = new Set<string>();
    let again: number | undefined;
    for (const ingress of ingresses)
      for (const { reason, message } of problems.get(keyText(ingress.metadata)) ?? []) {
        const key = `${ingress.metadata.uid} ${reason} ${message}`;
        present.add(key);
        const seen = this.#seen.get(key) ?? { since: now, told: false };
        this.#seen.set(key, seen);
        if (seen.told) continue;
        const left = seen.since + settleMs - now;
        if (left > 0) again = Math.min(again ?? left, left);
        else {
          events.record(ingress, 'Warning', reason, message);
          seen.told = true;
        }
      }
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    return again;
  }
}
