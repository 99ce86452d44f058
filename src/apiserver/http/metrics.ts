import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { LongWork } from '../../base/turns.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import type { PriorityLevel } from '../flow-control/priority-level.ts';
import type { ResourceTarget, Target } from '../request/target.ts';
import { flowControlMetrics } from './flow-control-metrics.ts';
import type { MakePiece } from './list-pieces.ts';
import { pieceBytes } from './piece-buffers.ts';
import { RequestMetrics } from './request-metrics.ts';

/** Labels by the fields of version.Info. */
const buildLabels: Readonly<Record<string, string>> = {
  major: 'major',
  minor: 'minor',
  git_version: 'gitVersion',
  git_commit: 'gitCommit',
  git_tree_state: 'gitTreeState',
  build_date: 'buildDate',
  go_version: 'goVersion',
  compiler: 'compiler',
  platform: 'platform',
};

function buildInfo(version: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(buildLabels).map(([label, field]) => [label, version[field] ?? '']));
}

/** How often it is measured how late the event loop is: each time wakes an idle server. */
const loopLookMs = 20;

/** What `/metrics` shows; names and labels as Kubernetes has them where the meaning is the same. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #clock: Clock;
  readonly #requests: RequestMetrics;
  readonly #more: readonly (() => string | Promise<string>)[];

  constructor(
    clock: Clock,
    gauges: {
      /** Stored objects, and their bytes. */
      objects(): Iterable<readonly [type: Pick<ResourceType, 'group' | 'resource'>, count: number, bytes: number]>;
      revision(): number;
      /** Requests in flight. */
      running(): { readonly mutating: number; readonly readOnly: number };
      /** Events that could not be written, by component. */
      droppedEvents(): Iterable<readonly [component: string, count: number]>;
      /** Priority levels and who is in them. */
      levels(): readonly PriorityLevel[];
      /** Texts of further metrics. */
      readonly more?: readonly (() => string | Promise<string>)[];
      /** What `/version` answers. */
      readonly version?: Readonly<Record<string, string>>;
    },
    isServed: (target: ResourceTarget) => boolean,
  ) {
    this.#clock = clock;
    this.#more = gauges.more ?? [];
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: loopLookMs });
    this.#requests = new RequestMetrics(isServed);
    const { objects, revision, running, droppedEvents, levels } = gauges;
    flowControlMetrics(levels, registers);
    void new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being served, long-running ones left out',
      labelNames: ['request_kind'],
      registers,
      collect() {
        for (const [kind, count] of Object.entries(running())) this.set({ request_kind: kind }, count);
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
      name: 'apiserver_storage_objects',
      help: 'The same, by the name that it had before',
      labelNames: ['resource'],
      registers,
      collect() {
        for (const [type, count] of objects()) this.set({ resource: groupResourceOf(type) }, count);
      },
    });
    void new Gauge({
      name: 'apiserver_resource_size_estimate_bytes',
      help: 'Bytes of the stored objects of each resource',
      labelNames: ['group', 'resource'],
      registers,
      collect() {
        for (const [{ group, resource }, , bytes] of objects()) this.set({ group, resource }, bytes);
      },
    });
    void new Gauge({
      name: 'apiserver_watch_cache_resource_version',
      help: 'The newest revision that the watch cache shows of each resource',
      labelNames: ['group', 'resource'],
      registers,
      collect() {
        for (const [{ group, resource }] of objects()) this.set({ group, resource }, revision());
      },
    });
    new Gauge({
      name: 'kubernetes_build_info',
      help: 'What was built; the value is always 1',
      labelNames: Object.keys(buildLabels),
      registers,
    }).set(buildInfo(gauges.version ?? {}), 1);
    void new Counter({
      name: 'kubeling_events_dropped_total',
      help: 'Events of controllers and scheduler that were not written, because too many waited or they were refused',
      labelNames: ['component'],
      registers,
      collect() {
        this.reset();
        for (const [component, count] of droppedEvents()) this.inc({ component }, count);
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
  }

  /** When a request begins, to be given to {@link count}. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** Counts a request that has been served. `isApply`: a patch that is an apply; `bytes`: of the answer's body. */
  count(method: string, target: Target | undefined, code: number, began: number, isApply = false, bytes = 0): void {
    this.#requests.count(method, target, code, (this.#clock.monotonic() - began) / 1000, isApply, bytes);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the text format of Prometheus; others get their turn in between. */
  async *pieces(make?: MakePiece): AsyncGenerator<Buffer, undefined> {
    const out = new ByteWriter(pieceBytes, make);
    out.text(`${await this.#registry.metrics()}\n`);
    for (const text of this.#more) out.text(await text());
    const work = new LongWork(this.#clock);
    for (const text of this.#requests.texts()) {
      out.text(text);
      if (out.hasFull) yield* out.take();
      if (work.mustWait(text.length)) await work.next();
    }
    yield* out.finish();
    return undefined;
  }
}
