import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { RequestInfo } from './request-info.ts';

/** What `/metrics` shows; names as Kubernetes has them where the meaning is the same. */
export class Metrics implements Disposable {
  readonly registry = new Registry();
  readonly #clock: Clock;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #requests: Counter<'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'code'>;
  readonly #durations: Histogram<'verb' | 'resource'>;
  readonly #inFlight: Gauge<'request_kind'>;
  #running = 0;

  constructor(
    clock: Clock,
    gauges: { watches(): number; objects(): Iterable<readonly [resource: string, count: number]>; revision(): number },
  ) {
    this.#clock = clock;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and response code',
      labelNames: ['verb', 'group', 'version', 'resource', 'subresource', 'code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer',
      labelNames: ['verb', 'resource'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    const running = () => this.#running;
    this.#inFlight = new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being served',
      labelNames: ['request_kind'],
      registers,
      collect() {
        this.set({ request_kind: 'all' }, running());
      },
    });
    const { watches, objects, revision } = gauges;
    void new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Open watches',
      registers,
      collect() {
        this.set(watches());
      },
    });
    void new Gauge({
      name: 'apiserver_resource_objects',
      help: 'Stored objects of each resource',
      labelNames: ['resource'],
      registers,
      collect() {
        for (const [resource, count] of objects()) this.set({ resource }, count);
      },
    });
    void new Gauge({
      name: 'kubeling_store_revision',
      help: 'The newest revision that the watch cache shows',
      registers,
      collect() {
        this.set(revision());
      },
    });
    this.#delay = monitorEventLoopDelay({ resolution: 20 });
    this.#delay.enable();
  }

  /** Counts a request; the answer is called when it has been served. */
  begin(): (method: string, info: RequestInfo | undefined, code: number) => void {
    const started = this.#clock.monotonic();
    this.#running++;
    return (method, info, code) => {
      this.#running--;
      const named = info?.isResource === true ? info : undefined;
      const verb = (named?.verb ?? method).toUpperCase();
      const resource = named?.resource ?? '';
      this.#requests.inc({
        verb,
        group: named?.group ?? '',
        version: named?.version ?? '',
        resource,
        subresource: named?.subresource ?? '',
        code: String(code),
      });
      if (verb !== 'WATCH') this.#durations.observe({ verb, resource }, (this.#clock.monotonic() - started) / 1000);
    };
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
    this.#inFlight.reset();
  }
}
