import { keyText, type KubeList, type KubeObject, type ObjectKey } from '../apimachinery/object.ts';
import type { WatchEvent } from '../apimachinery/request.ts';
import { groupResourceOf, type ResourceType } from '../apimachinery/resource-type.ts';
import { isStatus } from '../apimachinery/status.ts';
import { linkedAbort } from '../base/abort.ts';
import { Backoff } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client, ListOptions } from './client.ts';
import type { Informer, InformerChange } from './informer.ts';
import type { Transform } from './transform.ts';
import { ObjectSet, type IndexValues } from './object-set.ts';
import { RevisionGate } from './revision-gate.ts';

export interface InformerOptions<T extends KubeObject> {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Stops the informer; what it holds stays readable. */
  readonly signal: AbortSignal;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** The longest pause between attempts, in milliseconds (default 15,000). */
  readonly longestRetryMs?: number;
  /**
   * Makes of each object what is kept and told, as client-go's `SetTransform` does. It must keep what identifies an
   * object and its version, and answers frozen objects; what it drops, this informer's readers do not see.
   */
  readonly transform?: Transform;
  /** More indexes than `owner`. */
  readonly indexes?: Readonly<Record<string, IndexValues<T>>>;
}

/**
 * Lists and watches one kind from now on. A watch that ends goes on from the last resource version seen; only when the
 * server has forgotten that version is everything listed again, and handlers then see just the differences.
 */
export function createInformer<T extends KubeObject>(
  client: Client,
  type: ResourceType<T>,
  options: InformerOptions<T>,
): Informer<T> {
  const informer = new ListWatch(client, type, options);
  void informer.run();
  return informer;
}

const retries = { initialMs: 200, jitter: 0.5 };
const longestRetryMs = 15_000;

class ListWatch<T extends KubeObject> implements Informer<T> {
  readonly #client: Client;
  readonly #type: ResourceType<T>;
  readonly #options: InformerOptions<T>;
  readonly #scope: ListOptions;
  readonly #objects = new ObjectSet<T>();
  readonly #gate: RevisionGate;
  #handlers: readonly ((change: InformerChange<T>) => void)[] = [];
  #synced = false;
  #whenSynced: (() => void)[] = [];
  /** Where the next watch begins; unset: list first. */
  #from: string | undefined;
  /** Ends the watch under way. */
  #interrupt: () => void = () => {};
  readonly #backoff: Backoff;
  /** The failure that the log has been told of, until something comes again. */
  #told: string | undefined;
  /** Who waits for a list that has not begun. */
  #nextList: PromiseWithResolvers<void> | undefined;

  constructor(client: Client, type: ResourceType<T>, options: InformerOptions<T>) {
    this.#client = client;
    this.#type = type;
    this.#options = options;
    const { namespace, labelSelector, fieldSelector } = options;
    this.#scope = {
      ...(namespace && { namespace }),
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    };
    this.#gate = new RevisionGate(options.clock);
    this.#backoff = new Backoff({ ...retries, maximumMs: options.longestRetryMs ?? longestRetryMs }, options.random);
    for (const [name, valuesOf] of Object.entries(options.indexes ?? {})) this.#objects.addIndex(name, valuesOf);
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(keyText(key));
  }

  list(namespace?: string): readonly T[] {
    return this.#objects.list(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#objects.byIndex(index, value);
  }

  addIndex(index: string, valuesOf: IndexValues<T>): void {
    this.#objects.addIndex(index, valuesOf);
  }

  onChange(handler: (change: InformerChange<T>) => void): () => void {
    for (const object of this.#objects.list()) handler({ type: 'added', object });
    this.#handlers = [...this.#handlers, handler];
    return () => {
      this.#handlers = this.#handlers.filter((one) => one !== handler);
    };
  }

  async synced(): Promise<void> {
    if (!this.#synced && !this.#options.signal.aborted)
      await new Promise<void>((resolve) => this.#whenSynced.push(resolve));
    if (!this.#synced) this.#options.signal.throwIfAborted();
  }

  hasSynced(): boolean {
    return this.#synced;
  }

  reached(resourceVersion: string, timeoutMs: number): Promise<boolean> {
    return this.#gate.reached(resourceVersion, timeoutMs);
  }

  relist(): Promise<void> {
    this.#nextList ??= Promise.withResolvers<void>();
    this.#from = undefined;
    this.#interrupt();
    return this.#nextList.promise;
  }

  resourceVersion(): string {
    return this.#gate.resourceVersion;
  }

  /** Resolves when the signal has aborted. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        if (this.#from === undefined) await this.#list();
        await this.#follow();
      } catch (error) {
        if (signal.aborted) break;
        await this.#recover(error);
      }
    }
    this.#gate.close();
    this.#wakeSynced();
    this.#nextList?.resolve();
  }

  async #list(): Promise<void> {
    const awaited = this.#nextList;
    this.#nextList = undefined;
    try {
      this.#taken(await this.#client.list(this.#type, this.#scope));
      awaited?.resolve();
    } catch (error) {
      this.#await(awaited);
      throw error;
    }
  }

  #taken({ items, metadata }: KubeList<T>): void {
    if (this.#options.signal.aborted) return;
    const listed = new Set(items.map((item) => keyText(item.metadata)));
    for (const object of this.#objects.list()) {
      if (!listed.has(keyText(object.metadata))) this.#drop(object);
    }
    for (const item of items.toSorted(byVersion)) this.#take(this.#kept(item));
    this.#from = metadata.resourceVersion ?? '0';
    this.#gate.restart(this.#from);
    this.#synced = true;
    this.#told = undefined;
    this.#wakeSynced();
    // Somebody has asked again while this list was under way.
    if (this.#nextList !== undefined) this.#from = undefined;
  }

  /** The list failed: who waits for it waits for the next one. */
  #await(waiting: PromiseWithResolvers<void> | undefined): void {
    if (waiting === undefined) return;
    if (this.#nextList === undefined) this.#nextList = waiting;
    else void this.#nextList.promise.then(waiting.resolve);
  }

  /** Watches from the last version until the stream ends. */
  async #follow(): Promise<void> {
    if (this.#options.signal.aborted || this.#from === undefined) return;
    using watching = linkedAbort(this.#options.signal);
    const { signal } = watching;
    this.#interrupt = () => watching.abort();
    let seen = 0;
    for await (const event of this.#client.watch(this.#type, {
      ...this.#scope,
      resourceVersion: this.#from,
      signal,
    })) {
      if (signal.aborted) return;
      this.#apply(event);
      this.#backoff.reset();
      this.#told = undefined;
      seen++;
    }
    if (seen === 0 && !signal.aborted) await this.#wait();
  }

  #apply(event: WatchEvent<T>): void {
    const { resourceVersion } = event.object.metadata;
    if (event.type === 'DELETED') this.#drop(this.#kept(event.object));
    else if (event.type !== 'BOOKMARK') this.#take(this.#kept(event.object));
    if (resourceVersion === undefined || this.#from === undefined) return;
    this.#from = resourceVersion;
    this.#gate.advance(resourceVersion);
  }

  #kept(object: T): T {
    const { transform } = this.#options;
    return transform === undefined ? object : transform(object);
  }

  #take(object: T): void {
    const old = this.#objects.get(keyText(object.metadata));
    if (old === undefined) {
      this.#objects.set(object);
      this.#tell({ type: 'added', object });
    } else if (old.metadata.uid !== object.metadata.uid) {
      this.#drop(old);
      this.#take(object);
    } else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) {
      this.#objects.set(object);
      this.#tell({ type: 'updated', object, old });
    }
  }

  #drop(object: T): void {
    if (this.#objects.delete(keyText(object.metadata)) !== undefined) this.#tell({ type: 'deleted', object });
  }

  #tell(change: InformerChange<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        this.#options.log.error('informer handler failed', {
          resource: groupResourceOf(this.#type),
          error: String(error),
        });
      }
    }
  }

  /**
   * Forgets the position when the server refuses to go on from it, for whatever reason but load; a lost connection
   * leaves it as it is. Waits before the next attempt, unless a forgotten position is all that is wrong.
   */
  async #recover(error: unknown): Promise<void> {
    if (isStatus(error) && error.code !== 429) this.#from = undefined;
    const isForgotten = isStatus(error) && error.code === 410;
    if (isForgotten && this.#backoff.failures === 0) this.#backoff.next();
    else await this.#wait(error);
  }

  async #wait(error?: unknown): Promise<void> {
    const { clock, log, signal } = this.#options;
    const resource = groupResourceOf(this.#type);
    const retryMs = Math.round(this.#backoff.next());
    if (error !== undefined) {
      const text = String(error);
      // A server that is away is one fault, however often it is asked.
      log[text === this.#told ? 'debug' : 'warn']('list and watch failed', { resource, error: text, retryMs });
      this.#told = text;
    }
    await clock.sleep(retryMs, signal).catch(() => undefined);
  }

  #wakeSynced(): void {
    for (const resolve of this.#whenSynced) resolve();
    this.#whenSynced = [];
  }
}

function byVersion(a: KubeObject, b: KubeObject): number {
  return Number(a.metadata.resourceVersion ?? 0) - Number(b.metadata.resourceVersion ?? 0);
}
