import { Pods, type Pod, type PodStatus } from '../../api/core/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { canWait, statusPatch } from './status-patch.ts';

export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** How long a change that nobody waits for may wait for company. */
const patienceMs = 1000;
const retries = { initialMs: 500, maximumMs: 30_000 };

/** Writes the status of one pod, one patch at a time; while one is under way only the newest status is kept. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #backoff = new Backoff(retries);
  #pod: Readonly<Pod>;
  #wanted: PodStatus | undefined;
  #writing = false;
  #gone = false;
  #timer: Timer | undefined;
  #settled: (() => void)[] = [];

  constructor(pod: Readonly<Pod>, options: StatusWriterOptions) {
    this.#pod = pod;
    this.#options = options;
  }

  /** The newest form of the pod known: from the watch, or from the answer to the last write. */
  get pod(): Readonly<Pod> {
    return this.#pod;
  }

  /** What is to be written, or was. */
  get wanted(): PodStatus | undefined {
    return this.#wanted;
  }

  /** The watch has shown the pod. */
  saw(pod: Readonly<Pod>): void {
    if (versionOf(pod) >= versionOf(this.#pod)) this.#pod = pod;
  }

  want(status: PodStatus): void {
    this.#wanted = status;
    this.#schedule();
  }

  /** Resolves when all that matters of what is wanted now has been written, or nobody can write it any more. */
  settled(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  /** The pod is no more: nothing is written again. */
  stop(): void {
    this.#gone = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#release();
  }

  #schedule(): void {
    if (this.#writing || this.#gone || this.#wanted === undefined) return;
    const patch = statusPatch(this.#pod, this.#wanted);
    if (patch === undefined) return this.#rest();
    if (!canWait(this.#pod, patch)) {
      this.#rest();
      void this.#write();
    } else this.#timer ??= this.#options.clock.setTimer(patienceMs, () => void this.#write());
  }

  async #write(): Promise<void> {
    const { client, clock, log, signal } = this.#options;
    if (this.#writing) return;
    this.#rest();
    this.#writing = true;
    try {
      let last = '';
      for (let patch; !this.#gone && !signal.aborted && (patch = statusPatch(this.#pod, this.#wanted!));) {
        const text = JSON.stringify(patch);
        if (text === last) {
          log.error('the server keeps another pod status than it was sent', { pod: this.#pod.metadata.name });
          break;
        }
        try {
          const body = { type: 'strategic', body: patch } as const;
          this.saw(await client.patch(Pods, keyOf(this.#pod), body, { subresource: 'status' }));
          this.#backoff.reset();
          last = text;
        } catch (error) {
          // A conflict may be with others who write: where another pod has the name, the watch tells of it and ends this.
          if (isStatus(error, 'NotFound')) break;
          log.warn('pod status was not written', { pod: this.#pod.metadata.name, error: String(error) });
          await clock.sleep(this.#backoff.next(), signal).catch(() => undefined);
        }
      }
    } finally {
      this.#writing = false;
      this.#release();
    }
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #release(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

function versionOf({ metadata }: Readonly<Pod>): number {
  return Number(metadata.resourceVersion ?? 0);
}
