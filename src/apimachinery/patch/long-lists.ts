/** Shorter lists are changed as they are: moving a few hundred items costs less than a look into a table. */
const longList = 1024;
const chunkLength = 512;

/**
 * Lists while a JSON patch changes them. An insertion into a list of half a million items moves them all, and a patch has
 * thousands of operations; so a long list is cut into chunks when it is first changed, and put together when somebody
 * needs it whole.
 */
export class LongLists {
  readonly #chunked = new Map<unknown[], ChunkedList>();

  length(list: unknown[]): number {
    return this.#chunked.get(list)?.length ?? list.length;
  }

  get(list: unknown[], index: number): unknown {
    const chunked = this.#chunked.get(list);
    return chunked === undefined ? list[index] : chunked.get(index);
  }

  set(list: unknown[], index: number, value: unknown): void {
    const chunked = this.#chunked.get(list);
    if (chunked === undefined) list[index] = value;
    else chunked.set(index, value);
  }

  insert(list: unknown[], index: number, value: unknown): void {
    const chunked = this.#chunkedWhenLong(list);
    if (chunked === undefined) list.splice(index, 0, value);
    else chunked.insert(index, value);
  }

  remove(list: unknown[], index: number): void {
    const chunked = this.#chunkedWhenLong(list);
    if (chunked === undefined) list.splice(index, 1);
    else chunked.remove(index);
  }

  /** Puts the lists within a value together, and answers the value. */
  whole<T>(value: T): T {
    if (this.#chunked.size > 0) this.#settle(value);
    return value;
  }

  #settle(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      this.#chunked.get(value)?.copyTo(value);
      this.#chunked.delete(value);
      for (const item of value) this.#settle(item);
    } else for (const name in value) this.#settle((value as Record<string, unknown>)[name]);
  }

  #chunkedWhenLong(list: unknown[]): ChunkedList | undefined {
    let chunked = this.#chunked.get(list);
    if (chunked === undefined && list.length > longList) this.#chunked.set(list, (chunked = new ChunkedList(list)));
    return chunked;
  }
}

class ChunkedList {
  length: number;
  readonly #chunks: unknown[][] = [];

  constructor(list: readonly unknown[]) {
    this.length = list.length;
    for (let at = 0; at < list.length; at += chunkLength) this.#chunks.push(list.slice(at, at + chunkLength));
  }

  get(index: number): unknown {
    const { chunk, at } = this.#find(index);
    return this.#chunks[chunk]![at];
  }

  set(index: number, value: unknown): void {
    const { chunk, at } = this.#find(index);
    this.#chunks[chunk]![at] = value;
  }

  insert(index: number, value: unknown): void {
    const { chunk, at } = this.#find(index);
    const items = this.#chunks[chunk]!;
    items.splice(at, 0, value);
    this.length++;
    if (items.length > 2 * chunkLength) this.#chunks.splice(chunk + 1, 0, items.splice(chunkLength));
  }

  remove(index: number): void {
    const { chunk, at } = this.#find(index);
    this.#chunks[chunk]!.splice(at, 1);
    this.length--;
    if (this.#chunks[chunk]!.length === 0 && this.#chunks.length > 1) this.#chunks.splice(chunk, 1);
  }

  copyTo(list: unknown[]): void {
    list.length = 0;
    for (const chunk of this.#chunks) for (const item of chunk) list.push(item);
  }

  /** The end of the list is behind the last item of the last chunk. */
  #find(index: number): { readonly chunk: number; readonly at: number } {
    let chunk = 0;
    for (; chunk < this.#chunks.length - 1 && index >= this.#chunks[chunk]!.length; chunk++)
      index -= this.#chunks[chunk]!.length;
    return { chunk, at: index };
  }
}
