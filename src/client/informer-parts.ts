import type { KubeObject, ObjectKey } from '../apimachinery/object.ts';
import type { Informer, InformerChange } from './informer.ts';

type Handler<T> = (change: InformerChange<T>) => void;

/**
 * Shares one informer among many who each want a part of its kind, as the kubelets of simulated nodes do: what each would
 * see through a watch of its own, without one. `valueOf` says whose an object is; a change is told to that part alone, found
 * by this value. `index` names it in the shared informer. Answers the part of a value.
 */
export function informerParts<T extends KubeObject>(
  shared: Informer<T>,
  index: string,
  valueOf: (object: Readonly<T>) => string | undefined,
): (value: string) => Informer<T> {
  shared.addIndex(index, (object) => {
    const value = valueOf(object);
    return value === undefined ? [] : [value];
  });
  const handlers = new Map<string, Set<Handler<T>>>();
  const tell = (value: string | undefined, change: InformerChange<T>): void => {
    if (value !== undefined) for (const handler of handlers.get(value) ?? []) handler(change);
  };
  let isFollowed = false;
  const follow = (): void => {
    if (isFollowed) return;
    isFollowed = true;
    shared.onChange((change) => {
      const value = valueOf(change.object);
      if (change.type !== 'updated') return tell(value, change);
      const { object, old } = change;
      const before = valueOf(old);
      if (before === value) return tell(value, change);
      tell(before, { type: 'deleted', object });
      tell(value, { type: 'added', object });
    });
  };

  return (value) => ({
    get(key: ObjectKey) {
      const found = shared.get(key);
      return found !== undefined && valueOf(found) === value ? found : undefined;
    },
    list(namespace?: string) {
      const all = shared.byIndex(index, value);
      return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
    },
    byIndex: (name, wanted) => shared.byIndex(name, wanted).filter((object) => valueOf(object) === value),
    addIndex: (name, valuesOf) => shared.addIndex(name, valuesOf),
    onChange(handler) {
      // The first one of all is told by nobody else of what is there.
      follow();
      for (const object of shared.byIndex(index, value)) handler({ type: 'added', object });
      const mine = handlers.get(value) ?? new Set();
      handlers.set(value, mine.add(handler));
      return () => {
        mine.delete(handler);
        if (mine.size === 0 && handlers.get(value) === mine) handlers.delete(value);
      };
    },
    synced: () => shared.synced(),
    hasSynced: () => shared.hasSynced(),
    reached: (resourceVersion, timeoutMs) => shared.reached(resourceVersion, timeoutMs),
    relist: () => shared.relist(),
    resourceVersion: () => shared.resourceVersion(),
  });
}
