import { linkedAbort, onAbort } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';

/** Sends lines to the server as they come; `HttpTransport` is one. */
export interface LineSender {
  tell(path: string, lines: AsyncIterable<string>, signal: AbortSignal): Promise<void>;
}

export interface AppliedReportsOptions {
  readonly sender: LineSender;
  /** The node whose routes it is about. */
  readonly node: string;
  /** `kube-proxy`, `ingress`. */
  readonly component: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Ends the reports: nobody waits for this reporter any more. */
  readonly signal: AbortSignal;
}

/** Tells the API server how far somebody has come who turns EndpointSlices into routes. */
export interface AppliedReports {
  /**
   * Every change of EndpointSlices up to this resource version is in the routes, or changes nothing there. It is that
   * of the informer of EndpointSlices, not of one slice.
   */
  applied(resourceVersion: string): void;
}

/** The server forgets a reporter that is silent for three times as long. */
const repeatMs = 1000;

/** Reports until the signal aborts, over one request at a time that is made anew when it ends. */
export function reportApplied(options: AppliedReportsOptions): AppliedReports {
  const { sender, node, component, clock, random, log, signal } = options;
  const path = `/kubeling/v1/applied?${new URLSearchParams({ node, component })}`;
  let newest = '';
  let wake = (): void => {};

  async function* lines(stop: AbortSignal): AsyncGenerator<string> {
    while (!stop.aborted) {
      const told = newest;
      yield `${told}\n`;
      if (told === newest) await changeOr(stop);
    }
  }

  async function changeOr(stop: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = clock.setTimer(repeatMs, () => go());
      const unlink = onAbort(stop, () => go());
      function go(): void {
        timer.cancel();
        unlink();
        wake = () => {};
        resolve();
      }
      wake = go;
    });
  }

  async function run(): Promise<void> {
    const backoff = new Backoff({ initialMs: 100, maximumMs: 5000, jitter: 0.5 }, random);
    while (!signal.aborted) {
      using request = linkedAbort(signal);
      const began = clock.monotonic();
      try {
        await sender.tell(path, lines(request.signal), request.signal);
      } catch (error) {
        if (!signal.aborted) log.warn('the applied revision was not reported', { component, error: String(error) });
      }
      request.abort();
      if (clock.monotonic() - began > repeatMs) backoff.reset();
      await clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }

  void run();
  return {
    applied(resourceVersion) {
      if (resourceVersion === newest) return;
      newest = resourceVersion;
      wake();
    },
  };
}
