import type { KubeList, KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../apimachinery/request.ts';
import { apiVersionOf, type ResourceType } from '../apimachinery/resource-type.ts';
import type { Client, DeleteOptions, ListOptions, ReadOptions, WriteOptions } from './client.ts';

/** Typed requests over any {@link Transport}. Adds no retries and no caching. */
export function createClient(transport: Transport): Client {
  return {
    async get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, options: ReadOptions = {}) {
      const { subresource, query } = options;
      const what = { ...target(type, key), ...(subresource !== undefined && { subresource }) };
      return (await transport.call({ verb: 'get', ...what, ...(query && { options: query }) })) as T;
    },

    async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}) {
      const { namespace } = options;
      const list = (await transport.call({
        verb: 'list',
        ...scope(type, namespace),
        options: listQuery(options),
      })) as KubeList<T>;
      return withKinds(list, type);
    },

    watch<T extends KubeObject>(
      type: ResourceType<T>,
      options: ListOptions & { readonly resourceVersion: string; readonly signal: AbortSignal },
    ) {
      const query = { ...listQuery(options), allowWatchBookmarks: 'true' };
      const request: ApiRequest = { verb: 'watch', ...scope(type, options.namespace), options: query };
      return transport.watch(request, options.signal) as AsyncIterable<WatchEvent<T>>;
    },

    async create<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}) {
      const request = {
        verb: 'create',
        ...scope(type, object.metadata.namespace),
        body: object,
        ...write(options),
      } as const;
      return (await transport.call(request)) as T;
    },

    async createAll<T extends KubeObject>(
      type: ResourceType<T>,
      namespace: string | undefined,
      objects: readonly T[],
    ): Promise<readonly (Error | undefined)[]> {
      const request = { verb: 'create', ...scope(type, namespace) } as const;
      if (transport.createAll !== undefined) return transport.createAll(request, objects);
      const refusals: (Error | undefined)[] = [];
      for (const body of objects)
        refusals.push(
          await transport.call({ ...request, body }).then(
            () => undefined,
            (error: unknown) => error as Error,
          ),
        );
      return refusals;
    },

    async update<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}) {
      return (await transport.call({
        verb: 'update',
        ...target(type, object.metadata),
        body: object,
        ...write(options),
      })) as T;
    },

    async patch<T extends KubeObject>(
      type: ResourceType<T>,
      key: ObjectKey,
      patch: { readonly type: ApiRequest['patchType']; readonly body: unknown },
      options: WriteOptions & { readonly force?: boolean } = {},
    ) {
      const { options: query, ...rest } = write(options);
      const withForce = options.force === undefined ? query : { ...query, force: String(options.force) };
      const request: ApiRequest = {
        verb: 'patch',
        ...target(type, key),
        ...rest,
        patchType: patch.type,
        body: patch.body,
        options: withForce,
      };
      return (await transport.call(request)) as T;
    },

    async delete(type: ResourceType, key: ObjectKey, options: DeleteOptions = {}) {
      await transport.call({ verb: 'delete', ...target(type, key), ...deletion(options) });
    },

    async deleteCollection(type: ResourceType, options: ListOptions & DeleteOptions = {}) {
      const request = {
        verb: 'deletecollection',
        ...scope(type, options.namespace),
        ...deletion(options),
        options: listQuery(options),
      } as const;
      await transport.call(request);
    },

    async post(type: ResourceType, key: ObjectKey, subresource: string, body: unknown, options: WriteOptions = {}) {
      return transport.call({ verb: 'create', ...target(type, key), body, ...write(options), subresource });
    },
  };
}

/** Servers leave kind and apiVersion out of the items of a list; whoever keeps one item needs them. */
function withKinds<T extends KubeObject>(list: KubeList<T>, type: ResourceType): KubeList<T> {
  if (list.items.every((item) => item.kind !== undefined)) return list;
  const apiVersion = apiVersionOf(type);
  return { ...list, items: list.items.map((item) => Object.freeze({ apiVersion, kind: type.kind, ...item })) };
}

function scope(type: ResourceType, namespace: string | undefined): { type: ResourceType; namespace?: string } {
  return type.namespaced && namespace !== undefined ? { type, namespace } : { type };
}

function target(type: ResourceType, key: ObjectKey): { type: ResourceType; namespace?: string; name: string } {
  return { ...scope(type, key.namespace), name: key.name };
}

function listQuery(options: ListOptions): Record<string, string> {
  const query: Record<string, string> = {};
  if (options.labelSelector !== undefined) query['labelSelector'] = options.labelSelector;
  if (options.fieldSelector !== undefined) query['fieldSelector'] = options.fieldSelector;
  if (options.limit !== undefined) query['limit'] = String(options.limit);
  if (options.continue !== undefined) query['continue'] = options.continue;
  if (options.resourceVersion !== undefined) query['resourceVersion'] = options.resourceVersion;
  return query;
}

function write(options: WriteOptions): Pick<ApiRequest, 'subresource' | 'options' | 'cause'> {
  const query: Record<string, string> = {};
  if (options.dryRun === true) query['dryRun'] = 'All';
  if (options.fieldManager !== undefined) query['fieldManager'] = options.fieldManager;
  return {
    ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    options: query,
  };
}

function deletion(options: DeleteOptions): Pick<ApiRequest, 'body' | 'cause'> {
  const body: Record<string, unknown> = { kind: 'DeleteOptions', apiVersion: 'v1' };
  if (options.gracePeriodSeconds !== undefined) body['gracePeriodSeconds'] = options.gracePeriodSeconds;
  if (options.propagationPolicy !== undefined) body['propagationPolicy'] = options.propagationPolicy;
  if (options.preconditions !== undefined) body['preconditions'] = options.preconditions;
  return options.cause === undefined ? { body } : { body, cause: options.cause };
}
