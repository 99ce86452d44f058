import { backoffDelay, type BackoffPolicy } from '../../base/backoff.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import type { ClusterChange } from '../framework/plugin.ts';
import type { PodInfo } from '../framework/pod-info.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  pod: PodInfo;
  /** How often it was tried. */
  attempts: number;
  /** The plugins that rejected it last time; none: it was not the plugins. */
  rejectedBy: ReadonlySet<string>;
  /** It failed last time, for a reason that no change in the cluster mends. */
  hasFailed: boolean;
  /** When it came into the line that it stands in, in clock milliseconds. */
  since: number;
  /** When its backoff ends. */
  notBefore: number;
  /** Orders pods that came at the same time. */
  sequence: number;
  place: 'ready' | 'backoff' | 'waiting' | 'gated' | 'out';
}

export interface QueueOptions {
  readonly clock: Clock;
  /** Whether a change may make the pod fit, given the plugins that rejected it. */
  readonly mayHelp: (pod: QueuedPod, change: ClusterChange) => boolean;
  /** Whether a pod is not to be tried for now; it is asked again when the pod or devices change (default: by its gates). */
  readonly isGated?: (pod: PodInfo) => boolean;
}

const retries: BackoffPolicy = { initialMs: 1_000, maximumMs: 10_000 };
/** A pod that no change woke for so long is tried all the same: a hint may be wrong. */
const longestWaitMs = 300_000;

/**
 * The pods that want a node. Those that are ready come out by priority, then by age. A pod that fitted nowhere waits
 * until something changes that may help; one that was tried lately then backs off, unless nobody else is ready.
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #mayHelp: QueueOptions['mayHelp'];
  readonly #isGated: (pod: PodInfo) => boolean;
  readonly #pods = new Map<string, QueuedPod>();
  readonly #ready = new Heap<QueuedPod>(firstOut);
  /** Rejected lately, and may fit now. */
  readonly #backoff = new Heap<QueuedPod>(firstDue);
  /** Failed for other reasons than the cluster's. */
  readonly #penalty = new Heap<QueuedPod>(firstDue);
  readonly #waiting = new Set<QueuedPod>();
  #sequence = 0;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #taker: ((pod: QueuedPod | undefined) => void) | undefined;
  #closed = false;

  constructor({ clock, mayHelp, isGated = hasGates }: QueueOptions) {
    this.#clock = clock;
    this.#mayHelp = mayHelp;
    this.#isGated = isGated;
  }

  /** How many pods stand in each line. */
  get lengths(): {
    readonly ready: number;
    readonly backoff: number;
    readonly waiting: number;
    readonly gated: number;
  } {
    const backoff = this.#backoff.size + this.#penalty.size;
    const [ready, waiting] = [this.#ready.size, this.#waiting.size];
    return { ready, backoff, waiting, gated: [...this.#pods.values()].filter(({ place }) => place === 'gated').length };
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key);
  }

  /** A pod that came, or came back under the same name. */
  add(pod: PodInfo): void {
    this.delete(pod.key);
    const now = this.#clock.now();
    const queued: QueuedPod = {
      pod,
      attempts: 0,
      rejectedBy: new Set(),
      hasFailed: false,
      since: now,
      notBefore: now,
      sequence: this.#sequence++,
      place: 'out',
    };
    this.#pods.set(pod.key, queued);
    if (this.#isGated(pod)) queued.place = 'gated';
    else this.#makeReady(queued);
  }

  /**
   * The pod was changed by someone: if that may help it, it is tried again. A pod being tried just gets the new
   * version.
   */
  update(pod: PodInfo, change: ClusterChange | undefined): void {
    const queued = this.#pods.get(pod.key);
    if (queued === undefined || queued.pod.uid !== pod.uid) return this.add(pod);
    const { place } = queued;
    if (place === 'ready' || place === 'backoff') {
      // The lines are ordered by the pod's priority; the place in them by age stays.
      const line = this.#takeOut(queued);
      queued.pod = pod;
      line?.push(queued);
      queued.place = place;
      return;
    }
    queued.pod = pod;
    if (place === 'gated' && !this.#isGated(pod)) this.#makeReady(queued);
    else if (place === 'waiting' && change !== undefined && this.#mayHelp(queued, change)) this.#retry(queued);
  }

  delete(key: string): void {
    const queued = this.#pods.get(key);
    if (queued === undefined) return;
    this.#takeOut(queued);
    this.#pods.delete(key);
  }

  /** The next pod to try, as soon as there is one; `undefined` once the queue is closed. Only one may ask at a time. */
  take(): Promise<QueuedPod | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const next = this.#next();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => (this.#taker = resolve));
  }

  /** The pod that was taken fits nowhere: it waits for a change that one of the plugins can use. */
  rejected(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    if (this.#pods.get(queued.pod.key) !== queued) return;
    this.#setBackoff(queued);
    queued.rejectedBy = rejectedBy;
    queued.hasFailed = false;
    this.#wait(queued);
  }

  /** The pod that was taken could not be tried, or its binding failed: it is tried again after its backoff. */
  failed(queued: QueuedPod): void {
    if (this.#pods.get(queued.pod.key) !== queued) return;
    this.#setBackoff(queued);
    queued.rejectedBy = new Set();
    queued.hasFailed = true;
    this.#backOff(queued);
  }

  /** Something happened in the cluster: wakes those whom it may help. */
  changed(change: ClusterChange): void {
    if (change.type === 'devices-changed') this.#openGates();
    if (this.#waiting.size === 0) return;
    for (const queued of [...this.#waiting]) if (this.#mayHelp(queued, change)) this.#retry(queued);
  }

  #openGates(): void {
    for (const queued of this.#pods.values())
      if (queued.place === 'gated' && !this.#isGated(queued.pod)) this.#makeReady(queued);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#taker?.(undefined);
    this.#taker = undefined;
  }

  #setBackoff(queued: QueuedPod): void {
    queued.notBefore = this.#clock.now() + backoffDelay(retries, queued.attempts);
  }

  #retry(queued: QueuedPod): void {
    this.#takeOut(queued);
    if (queued.notBefore <= this.#clock.now()) this.#makeReady(queued);
    else this.#backOff(queued);
  }

  #makeReady(queued: QueuedPod): void {
    queued.place = 'ready';
    queued.since = this.#clock.now();
    this.#ready.push(queued);
    this.#serve();
  }

  #backOff(queued: QueuedPod): void {
    queued.place = 'backoff';
    queued.since = this.#clock.now();
    (queued.hasFailed ? this.#penalty : this.#backoff).push(queued);
    this.#serve();
    this.#arm();
  }

  #wait(queued: QueuedPod): void {
    queued.place = 'waiting';
    queued.since = this.#clock.now();
    this.#waiting.add(queued);
    this.#arm();
  }

  /** Answers the line in which the pod stood, if that is an ordered one. */
  #takeOut(queued: QueuedPod): Heap<QueuedPod> | undefined {
    queued.place = 'out';
    this.#waiting.delete(queued);
    return [this.#ready, this.#backoff, this.#penalty].find((line) => line.delete(queued));
  }

  #serve(): void {
    if (this.#taker === undefined) return;
    const next = this.#next();
    if (next === undefined) return;
    const taker = this.#taker;
    this.#taker = undefined;
    taker(next);
  }

  /** Whoever was rejected and may fit now need not sit out its backoff while nobody else wants to be tried. */
  #next(): QueuedPod | undefined {
    const next = this.#ready.pop() ?? this.#backoff.pop();
    if (next === undefined) return undefined;
    this.#takeOut(next);
    next.attempts++;
    return next;
  }

  /** One timer for whatever ends first: a backoff, or the longest wait. */
  #arm(): void {
    const [longestWaiting] = this.#waiting;
    const at = Math.min(
      this.#backoff.peek()?.notBefore ?? Infinity,
      this.#penalty.peek()?.notBefore ?? Infinity,
      (longestWaiting?.since ?? Infinity) + longestWaitMs,
    );
    if (this.#closed || at === Infinity || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const timer = this.#clock.setTimer(Math.max(0, at - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#wakeDue();
    });
    this.#timer = { timer, at };
  }

  #wakeDue(): void {
    const now = this.#clock.now();
    for (const line of [this.#backoff, this.#penalty])
      for (let first = line.peek(); first !== undefined && first.notBefore <= now; first = line.peek()) {
        this.#takeOut(first);
        this.#makeReady(first);
      }
    // The set is in the order of coming.
    for (const queued of this.#waiting) {
      if (queued.since + longestWaitMs > now) break;
      this.#retry(queued);
    }
    this.#arm();
  }
}

function firstDue(a: QueuedPod, b: QueuedPod): boolean {
  return a.notBefore < b.notBefore || (a.notBefore === b.notBefore && firstOut(a, b));
}

function firstOut(a: QueuedPod, b: QueuedPod): boolean {
  if (a.pod.priority !== b.pod.priority) return a.pod.priority > b.pod.priority;
  return a.since < b.since || (a.since === b.since && a.sequence < b.sequence);
}

export function hasGates({ pod }: PodInfo): boolean {
  return (pod.spec.schedulingGates ?? []).length > 0;
}
