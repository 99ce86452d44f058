/** A cache of answers that can be computed again: when full, the older half is forgotten. */
export class BoundedMap<K, V> {
  readonly #limit: number;
  readonly #longestKey: number;
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  /** Holds between `limit / 2` and `limit` entries; keys that are texts of more than `longestKey` letters are not kept. */
  constructor(limit: number, longestKey = Infinity) {
    this.#limit = limit;
    this.#longestKey = longestKey;
  }

  get(key: K): V | undefined {
    const value = this.#recent.get(key);
    if (value !== undefined) return value;
    const old = this.#older.get(key);
    return old === undefined ? undefined : this.set(key, old);
  }

  set(key: K, value: V): V {
    if (typeof key === 'string' && key.length > this.#longestKey) return value;
    if (this.#recent.size >= this.#limit / 2) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, value);
    return value;
  }

  delete(key: K): void {
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}
