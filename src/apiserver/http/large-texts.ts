import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../base/clock.ts';
import type { ReadText, TextJob, TextResult } from './text-thread.ts';
import type { TextForm } from './written-text.ts';

/** How long a thread without work is kept: what it holds for its next text is memory that nobody uses. */
const idleMs = 5000;

type Job = TextJob extends infer One ? (One extends TextJob ? Omit<One, 'id'> : never) : never;

/**
 * Reads and writes large texts in a thread of its own, which is there while it is needed. What comes back of YAML
 * that is read is JSON, ten times as fast to read.
 */
export class LargeTexts implements AsyncDisposable {
  readonly #clock: Clock;
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #isOver = false;
  readonly #waiting = new Map<number, PromiseWithResolvers<TextResult>>();
  #jobs = 0;
  /** The end of the last text that is to be written. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** YAML as JSON, or why it is none. */
  async read(bytes: Uint8Array): Promise<ReadText> {
    const result = await this.#done({ kind: 'read', bytes });
    if (result.kind === 'written') throw new Error('Cannot read YAML: it was written');
    return result;
  }

  /**
   * A value that is given as JSON, as {@link writtenText}, or {@link writtenItem}, makes it. One is written after the
   * other, and its JSON made when it is its turn: however many wait, they hold no texts.
   */
  written(json: () => Uint8Array, form: TextForm, isItem: boolean): Promise<Uint8Array> {
    const write = async (): Promise<Uint8Array> => {
      const result = await this.#done({ kind: 'write', json: json(), form, isItem });
      if (result.kind !== 'written') throw new Error('Cannot write a text: it was read');
      return result.bytes;
    };
    const written = this.#written.then(write);
    this.#written = written.catch(() => {});
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#idle?.cancel();
    await this.#worker?.terminate();
  }

  async #done(job: Job): Promise<Exclude<TextResult, { readonly kind: 'failure' }>> {
    if (this.#isOver) throw new Error('Cannot read or write a large text: the server stops');
    const id = this.#jobs++;
    const done = Promise.withResolvers<TextResult>();
    this.#waiting.set(id, done);
    this.#idle?.cancel();
    this.#thread().postMessage({ id, ...job });
    const result = await done.promise;
    if (result.kind === 'failure') throw new Error(`Cannot ${job.kind} a large text: ${result.failure}`);
    return result;
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('text-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    worker.unref();
    worker.on('message', (result: TextResult) => {
      this.#waiting.get(result.id)?.resolve(result);
      this.#waiting.delete(result.id);
      if (this.#waiting.size === 0) this.#idle = this.#clock.setTimer(idleMs, () => this.#rest(worker));
    });
    worker.on('error', (error) => this.#end(worker, error));
    worker.on('exit', () => this.#end(worker, new Error('Cannot read or write a large text: the thread has ended')));
    return (this.#worker = worker);
  }

  /** The next text gets another thread. */
  #rest(worker: Worker): void {
    if (this.#worker !== worker || this.#waiting.size > 0) return;
    this.#worker = undefined;
    void worker.terminate();
  }

  /** Whoever waits hears of it; the next one gets another thread. */
  #end(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
