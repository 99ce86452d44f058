import type { Clock, Timer } from '../../base/clock.ts';

/** Who says nothing for this long counts no more; reporters repeat themselves every second. */
const silenceMs = 3000;

/** One who turns EndpointSlices into routes somewhere, as long as it is heard of. */
export interface Reporter extends Disposable {
  /** Has applied everything up to the revision; `undefined`: is there. */
  tell(revision: number | undefined): void;
}

interface Report {
  revision: number;
  readonly end: () => void;
}

/** What the proxies and ingresses of the nodes have applied, by what they say themselves. Nothing of it is stored. */
export class Reporters {
  readonly #clock: Clock;
  readonly #reports = new Map<string, Report>();
  #onChange: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `listener` when somebody got further or counts no more. There is one listener. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** The names of those who have not applied the revision, in order. */
  behind(revision: number): string[] {
    return [...this.#reports]
      .filter(([, report]) => report.revision < revision)
      .map(([name]) => name)
      .sort();
  }

  /**
   * Counts `name` (`worker-1 kube-proxy`) from now on, until it is disposed or silent; `over` is called then. Who comes
   * again under a name takes its place: the other is a connection that nobody has missed yet.
   */
  join(name: string, over: () => void): Reporter {
    this.#reports.get(name)?.end();
    let timer: Timer;
    const end = (): void => {
      timer.cancel();
      if (this.#reports.get(name) !== report) return;
      this.#reports.delete(name);
      over();
      this.#onChange();
    };
    const listen = (): void => void (timer = this.#clock.setTimer(silenceMs, end));
    const report: Report = { revision: -1, end };
    this.#reports.set(name, report);
    listen();
    return {
      tell: (revision) => {
        if (this.#reports.get(name) !== report) return;
        timer.cancel();
        listen();
        if (revision === undefined || revision === report.revision) return;
        report.revision = revision;
        this.#onChange();
      },
      [Symbol.dispose]: end,
    };
  }
}
