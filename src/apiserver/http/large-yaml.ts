import { Worker } from 'node:worker_threads';
import type { Body, ReadYaml } from '../rest/operation.ts';
import type { YamlJob, YamlResult } from './yaml-thread.ts';

/** YAML of more bytes than this takes longer to read than others should wait; JSON of any size that is allowed does not. */
const largeBytes = 128 * 1024;

const yamlTypes = new Set(['application/yaml', 'application/apply-patch+yaml']);

/**
 * Reads large YAML in a thread of its own, which is started when it is first needed: what comes back is JSON, ten times as
 * fast to read.
 */
export class LargeYaml implements AsyncDisposable {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, PromiseWithResolvers<ReadYaml>>();
  #jobs = 0;

  /** The body, read already where it is large YAML. */
  async prepared(bytes: Buffer, mediaType: string): Promise<Body> {
    if (bytes.length <= largeBytes || !yamlTypes.has(mediaType)) return { bytes, mediaType };
    const id = this.#jobs++;
    const done = Promise.withResolvers<ReadYaml>();
    this.#waiting.set(id, done);
    this.#thread().postMessage({ id, bytes } satisfies YamlJob);
    return { bytes, mediaType, yaml: await done.promise };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('yaml-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    worker.unref();
    worker.on('message', (result: YamlResult) => {
      const done = this.#waiting.get(result.id);
      this.#waiting.delete(result.id);
      if ('failure' in result) done?.reject(new Error(`Cannot read YAML: ${result.failure}`));
      else done?.resolve(result);
    });
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#end(new Error('Cannot read YAML: the thread has ended')));
    return (this.#worker = worker);
  }

  /** Whoever waits hears of it; the next one gets another thread. */
  #end(error: unknown): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
