/** Chunks split at this length; lookups inside one and the list of chunks both stay short up to a million keys. */
const longestChunk = 512;

interface Chunk<V> {
  keys: string[];
  values: V[];
}

/** A map from strings with cheap ranges in key order (UTF-16 code units), and cheap counts of them. */
export class OrderedMap<V> {
  readonly #byKey = new Map<string, V>();
  readonly #chunks: Chunk<V>[] = [];

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): V | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, value: V): void {
    const known = this.#byKey.has(key);
    this.#byKey.set(key, value);
    if (this.#chunks.length === 0) {
      this.#chunks.push({ keys: [key], values: [value] });
      return;
    }
    const place = this.#chunkOf(key);
    const chunk = this.#chunks[place]!;
    const at = lowerBound(chunk.keys, key);
    if (known) {
      chunk.values[at] = value;
      return;
    }
    if (at === chunk.keys.length) {
      chunk.keys.push(key);
      chunk.values.push(value);
    } else {
      chunk.keys.splice(at, 0, key);
      chunk.values.splice(at, 0, value);
    }
    if (chunk.keys.length > longestChunk) this.#split(place);
  }

  delete(key: string): boolean {
    if (!this.#byKey.delete(key)) return false;
    const place = this.#chunkOf(key);
    const chunk = this.#chunks[place]!;
    const at = lowerBound(chunk.keys, key);
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    if (chunk.keys.length === 0) this.#chunks.splice(place, 1);
    return true;
  }

  /** The values of `[start, end)` in key order, `limit` at most. */
  range(start: string, end: string, limit: number = Infinity): V[] {
    const found: V[] = [];
    if (this.#chunks.length === 0 || start >= end) return found;
    let place = this.#chunkOf(start);
    let at = lowerBound(this.#chunks[place]!.keys, start);
    for (; place < this.#chunks.length; place++, at = 0) {
      const { keys, values } = this.#chunks[place]!;
      const stop = keys.length > 0 && keys[keys.length - 1]! < end ? keys.length : lowerBound(keys, end);
      for (; at < stop; at++) {
        if (found.length >= limit) return found;
        found.push(values[at]!);
      }
      if (stop < keys.length) break;
    }
    return found;
  }

  /** How many keys lie in `[start, end)`. */
  count(start: string, end: string): number {
    return start >= end ? 0 : this.#rank(end) - this.#rank(start);
  }

  /** How many keys lie before `key`. */
  #rank(key: string): number {
    if (this.#chunks.length === 0) return 0;
    const place = this.#chunkOf(key);
    let rank = lowerBound(this.#chunks[place]!.keys, key);
    for (let i = 0; i < place; i++) rank += this.#chunks[i]!.keys.length;
    return rank;
  }

  /** The last chunk that begins at or before `key`; the first if none does. */
  #chunkOf(key: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]!.keys[0]! <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Keys often come in rising order: a last chunk is cut near its end, so that full chunks stay behind. */
  #split(place: number): void {
    const { keys, values } = this.#chunks[place]!;
    const middle = place === this.#chunks.length - 1 ? (keys.length * 7) >> 3 : keys.length >> 1;
    this.#chunks.splice(place + 1, 0, { keys: keys.splice(middle), values: values.splice(middle) });
  }
}

/** The place of the first key at or after `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
