import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { RequestInfo, ResourceRequestInfo } from './request-info.ts';

const requestLabels = ['component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'] as const;

/** What `/metrics` shows; names and labels as Kubernetes has them where the meaning is the same. */
export class Metrics implements Disposable {
  readonly registry = new Registry();
  readonly #clock: Clock;
  readonly #isServed: (info: ResourceRequestInfo) => boolean;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #requests: Counter<(typeof requestLabels)[number] | 'code'>;
  readonly #durations: Histogram<(typeof requestLabels)[number]>;
  readonly #inFlight: Gauge<'request_kind'>;
  readonly #running = { mutating: 0, readOnly: 0 };

  constructor(
    clock: Clock,
    gauges: {
      watches(): number;
      objects(): Iterable<readonly [type: Pick<ResourceType, 'group' | 'resource'>, count: number]>;
      revision(): number;
    },
    isServed: (info: ResourceRequestInfo) => boolean,
  ) {
    this.#isServed = isServed;
    this.#clock = clock;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and response code',
      labelNames: [...requestLabels, 'code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from the arrival of a request to its answer',
      labelNames: requestLabels,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    const running = this.#running;
    this.#inFlight = new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being served',
      labelNames: ['request_kind'],
      registers,
      collect() {
        for (const [kind, count] of Object.entries(running)) this.set({ request_kind: kind }, count);
      },
    });
    const { watches, objects, revision } = gauges;
    void new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Open watches',
      labelNames: requestLabels.filter((label) => label !== 'dry_run'),
      registers,
      collect() {
        this.set({ ...nothing, component: 'apiserver', verb: 'WATCH' }, watches());
      },
    });
    void new Gauge({
      name: 'apiserver_resource_objects',
      help: 'Stored objects of each resource',
      labelNames: ['group', 'resource'],
      registers,
      collect() {
        for (const [{ group, resource }, count] of objects()) this.set({ group, resource }, count);
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

  /**
   * Counts a request; the answer is called when it has been served. Names that clients make up are not kept: each would
   * take memory for good.
   */
  begin(method: string): (info: RequestInfo | undefined, dryRun: string, code: number) => void {
    const started = this.#clock.monotonic();
    const kind = method === 'GET' || method === 'HEAD' ? 'readOnly' : 'mutating';
    this.#running[kind]++;
    return (info, dryRun, code) => {
      this.#running[kind]--;
      const named = info?.isResource === true && this.#isServed(info) ? info : undefined;
      const labels = labelsOf(method, named, dryRun === 'All' ? 'All' : '');
      this.#requests.inc({ ...labels, code: String(code) });
      if (labels.verb !== 'WATCH') this.#durations.observe(labels, (this.#clock.monotonic() - started) / 1000);
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

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const nothing = { group: '', version: '', resource: '', subresource: '', scope: '' };

function labelsOf(method: string, info: ResourceRequestInfo | undefined, dryRun: string) {
  const labels = { component: 'apiserver', dry_run: dryRun };
  if (info === undefined) return { ...labels, ...nothing, verb: methods.has(method) ? method : 'OTHER' };
  const { verb, group, version, resource, subresource = '' } = info;
  return { ...labels, verb: verb.toUpperCase(), group, version, resource, subresource, scope: scopeOf(info) };
}

/** Whether a request is about one object, those of a namespace, or all. */
function scopeOf({ name, namespace, verb }: ResourceRequestInfo): string {
  if (name !== undefined || verb === 'create') return 'resource';
  return namespace === undefined ? 'cluster' : 'namespace';
}
