import { keyText, type KubeObject } from '../../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../../apimachinery/request.ts';
import { apiVersionOf, groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { refused } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { onAbort } from '../../base/abort.ts';
import { AsyncQueue } from '../../base/async-queue.ts';
import type { Clock } from '../../base/clock.ts';
import { randomName, type Random } from '../../base/random.ts';

/**
 * Just enough of an API server to test what stands on a {@link Transport} below the real one on the map: versions,
 * conflicts, status writes, finalizers, watches. No defaults, no validation, no selectors, no history.
 */
export class SmallServer implements Transport {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Set<{ readonly prefix: string; readonly stream: AsyncQueue<WatchEvent> }>();
  #version = 0;
  /** Every call: `create pods default/web`. */
  readonly calls: string[] = [];
  /** Holds watch events back while true: a cache that lags. */
  muted = false;
  /** May refuse a call by throwing. */
  check: (request: ApiRequest) => void = () => {};

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async call(request: ApiRequest): Promise<unknown> {
    this.check(request);
    const { verb, type, name, subresource } = request;
    if (verb === 'list') return this.#list(request);
    this.calls.push(
      [verb, [groupResourceOf(type), subresource].filter(Boolean).join('/'), this.#keyOf(request)].join(' '),
    );
    if (verb === 'create') return this.#create(type, request.body as KubeObject, request.namespace);
    const key = pathOf(type, this.#keyOf(request));
    const present = this.#objects.get(key);
    if (present === undefined) throw refused.notFound(type, name ?? '');
    if (verb === 'get') return present;
    if (verb === 'delete')
      return this.#delete(type, key, present, request.body as { preconditions?: { uid?: string } });
    const wanted = verb === 'patch' ? (merge(present, request.body) as KubeObject) : (request.body as KubeObject);
    const { resourceVersion } = wanted.metadata;
    if (resourceVersion !== undefined && resourceVersion !== present.metadata.resourceVersion)
      throw refused.stale(type, name!);
    return this.#put(
      type,
      key,
      present,
      subresource === 'status' ? { ...present, status: statusOf(wanted) } : { ...wanted, status: statusOf(present) },
    );
  }

  watch(request: ApiRequest, signal: AbortSignal): AsyncIterable<WatchEvent> {
    const stream = new AsyncQueue<WatchEvent>();
    const watcher = { prefix: pathOf(request.type, ''), stream };
    this.#watchers.add(watcher);
    onAbort(signal, () => {
      this.#watchers.delete(watcher);
      stream.close();
    });
    return stream;
  }

  /** All objects of a kind, by `namespace/name`. */
  all<T extends KubeObject>(type: ResourceType<T>): T[] {
    const prefix = pathOf(type, '');
    const entries = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object as T);
  }

  #keyOf({ namespace, name = '', body }: ApiRequest): string {
    return [namespace, name || ((body as KubeObject | undefined)?.metadata?.name ?? '')].filter(Boolean).join('/');
  }

  #list({ type, namespace }: ApiRequest): unknown {
    const items = this.all(type).filter((one) => namespace === undefined || one.metadata.namespace === namespace);
    return { metadata: { resourceVersion: String(this.#version) }, items };
  }

  #create(type: ResourceType, body: KubeObject, namespace: string | undefined): KubeObject {
    const name = body.metadata.name || `${body.metadata.generateName}${randomName(this.#random, 5)}`;
    const stamp = {
      name,
      namespace,
      uid: this.#random.uuid(),
      creationTimestamp: rfc3339(this.#clock.now()),
      generation: 1,
    };
    const object = {
      ...body,
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { ...body.metadata, ...stamp },
    };
    const key = pathOf(type, keyText(object.metadata));
    if (this.#objects.has(key)) throw refused.alreadyExists(type, name);
    return this.#put(type, key, undefined, object);
  }

  #put(type: ResourceType, key: string, old: KubeObject | undefined, object: object): KubeObject {
    const wanted = object as KubeObject;
    const specChanged = old !== undefined && JSON.stringify(specOf(old)) !== JSON.stringify(specOf(wanted));
    const generation = (old?.metadata.generation ?? 1) + (specChanged ? 1 : 0);
    const done = wanted.metadata.deletionTimestamp !== undefined && !wanted.metadata.finalizers?.length;
    const stored = frozen({
      ...wanted,
      metadata: { ...wanted.metadata, generation, resourceVersion: String(++this.#version) },
    });
    if (done) this.#objects.delete(key);
    else this.#objects.set(key, stored);
    this.#tell(type, { type: done ? 'DELETED' : old === undefined ? 'ADDED' : 'MODIFIED', object: stored });
    return stored;
  }

  #delete(
    type: ResourceType,
    key: string,
    present: KubeObject,
    options: { preconditions?: { uid?: string } },
  ): unknown {
    const uid = options.preconditions?.uid;
    if (uid !== undefined && uid !== present.metadata.uid)
      throw refused.conflict(type, present.metadata.name, 'the uid differs');
    const deletionTimestamp = present.metadata.deletionTimestamp ?? rfc3339(this.#clock.now());
    return this.#put(type, key, present, { ...present, metadata: { ...present.metadata, deletionTimestamp } });
  }

  #tell(type: ResourceType, event: WatchEvent): void {
    if (this.muted) return;
    const prefix = pathOf(type, '');
    for (const watcher of this.#watchers) if (watcher.prefix === prefix) watcher.stream.push(event);
  }
}

function pathOf(type: ResourceType, key: string): string {
  return `${groupResourceOf(type)} ${key}`;
}

function statusOf(object: KubeObject): unknown {
  return (object as { status?: unknown }).status;
}

function specOf(object: KubeObject): unknown {
  return (object as { spec?: unknown }).spec;
}

/** JSON merge patch. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(target as Record<string, unknown> | undefined) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

function frozen<T>(value: T): T {
  const copy = JSON.parse(JSON.stringify(value), (_, part: unknown) => Object.freeze(part)) as T;
  return Object.freeze(copy);
}
