import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';
import type { WatchCache } from './cache/watch-cache.ts';
import type { Follower, ServerContext } from './context.ts';
import type { Catalogs } from './catalog/catalogs.ts';
import { storageKey } from './catalog/served-version.ts';

/** The server context over the watch cache. */
export function serverContext(
  parts: Pick<ServerContext, 'clock' | 'random' | 'log' | 'config' | 'nodePorts'>,
  cache: WatchCache,
  catalogs: Catalogs,
): ServerContext {
  return {
    ...parts,
    lookup<T extends KubeObject>(type: ResourceType<T>, { namespace, name }: ObjectKey) {
      const served = catalogs.current.of(type);
      return cache
        .kind(served.prefix)
        .get(storageKey(served, namespace, name))
        ?.object(served.form) as T | undefined;
    },
    labelsOf(type: ResourceType, { namespace, name }: ObjectKey) {
      const served = catalogs.current.of(type);
      return (
        cache
          .kind(served.prefix)
          .get(storageKey(served, namespace, name))
          ?.attributes(served.form).labels ?? {}
      );
    },
    stateOf(type: ResourceType, { namespace, name }: ObjectKey) {
      const served = catalogs.current.of(type);
      const key = storageKey(served, namespace, name);
      return () => cache.opened(served.prefix)?.get(key)?.revision;
    },
    scan<T extends KubeObject>(type: ResourceType<T>, namespace?: string) {
      const served = catalogs.current.of(type);
      const prefix = namespace === undefined ? served.prefix : `${served.prefix}${namespace}/`;
      return Array.from(cache.kind(served.prefix).range(prefix), (entry) => entry.object(served.form) as T);
    },
    follow<T extends KubeObject>(type: ResourceType<T>, onChange: Follower<T>) {
      const served = catalogs.current.of(type);
      const kind = cache.kind(served.prefix);
      for (const entry of kind.range(served.prefix))
        onChange(entry.object(served.form) as T, undefined, entry.revision);
      kind.follow(({ now, before, deleted, revision }) => {
        try {
          const after = deleted ? undefined : (now.object(served.form) as T);
          onChange(after, before?.object(served.form) as T | undefined, revision);
        } catch (error) {
          // The next change may be one that it can take.
          parts.log.error('Follower failed', { resource: type.resource, revision, error });
        }
      });
    },
  };
}
