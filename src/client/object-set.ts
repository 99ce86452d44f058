import { controllerOf, keyText, type KubeObject } from '../apimachinery/object.ts';

/** Which values of an index an object has; none leaves it out. */
export type IndexValues<T> = (object: Readonly<T>) => readonly string[];

/** Objects by `namespace/name`, by namespace and by named indexes. Arrays that it hands out never change. */
export class ObjectSet<T extends KubeObject> {
  readonly #all = new Bucket<T>();
  readonly #namespaces = new Map<string, Bucket<T>>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.addIndex('owner', ownerUid);
    this.addIndex('owners', ownerUids);
    this.addIndex('orphans', orphanNamespace);
  }

  get size(): number {
    return this.#all.size;
  }

  get(key: string): T | undefined {
    return this.#all.get(key);
  }

  list(namespace?: string): readonly T[] {
    if (namespace === undefined) return this.#all.list();
    return this.#namespaces.get(namespace)?.list() ?? [];
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new Error(`Cannot read index "${name}": the informer has no such index`);
    return index.buckets.get(value)?.list() ?? [];
  }

  /** Naming an index that exists changes nothing. */
  addIndex(name: string, valuesOf: IndexValues<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { valuesOf, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const object of this.#all.list()) addTo(index.buckets, valuesOf(object), keyText(object.metadata), object);
  }

  set(object: T): void {
    const key = keyText(object.metadata);
    const old = this.#all.get(key);
    this.#all.set(key, object);
    addTo(this.#namespaces, [object.metadata.namespace ?? ''], key, object);
    for (const { valuesOf, buckets } of this.#indexes.values()) {
      const values = valuesOf(object);
      if (old !== undefined)
        removeFrom(
          buckets,
          valuesOf(old).filter((value) => !values.includes(value)),
          key,
        );
      addTo(buckets, values, key, object);
    }
  }

  /** Answers what was there. */
  delete(key: string): T | undefined {
    const old = this.#all.get(key);
    if (old === undefined) return undefined;
    this.#all.delete(key);
    removeFrom(this.#namespaces, [old.metadata.namespace ?? ''], key);
    for (const { valuesOf, buckets } of this.#indexes.values()) removeFrom(buckets, valuesOf(old), key);
    return old;
  }
}

interface Index<T> {
  readonly valuesOf: IndexValues<T>;
  readonly buckets: Map<string, Bucket<T>>;
}

/**
 * A map that remembers its values as an array until it changes, because reconcilers list far more often than objects
 * change.
 */
class Bucket<T> {
  readonly #objects = new Map<string, T>();
  #listed: readonly T[] | undefined;

  get size(): number {
    return this.#objects.size;
  }
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }
  list(): readonly T[] {
    return (this.#listed ??= Object.freeze([...this.#objects.values()]));
  }
  set(key: string, object: T): void {
    this.#objects.set(key, object);
    this.#listed = undefined;
  }
  delete(key: string): void {
    this.#objects.delete(key);
    this.#listed = undefined;
  }
}

function addTo<T>(buckets: Map<string, Bucket<T>>, values: readonly string[], key: string, object: T): void {
  for (const value of values) {
    let bucket = buckets.get(value);
    if (bucket === undefined) buckets.set(value, (bucket = new Bucket()));
    bucket.set(key, object);
  }
}

function removeFrom<T>(buckets: Map<string, Bucket<T>>, values: readonly string[], key: string): void {
  for (const value of values) {
    const bucket = buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) buckets.delete(value);
  }
}

function ownerUid(object: Readonly<KubeObject>): readonly string[] {
  const owner = controllerOf(object);
  return owner === undefined ? [] : [owner.uid];
}

function ownerUids({ metadata }: Readonly<KubeObject>): readonly string[] {
  return metadata.ownerReferences?.map(({ uid }) => uid) ?? [];
}

function orphanNamespace(object: Readonly<KubeObject>): readonly string[] {
  return controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : [];
}
