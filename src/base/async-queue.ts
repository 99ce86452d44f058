/** A first-in first-out line between one who pushes and one who iterates. Its length is not bounded: watch `size`. */
export class AsyncQueue<T> implements AsyncIterableIterator<T, undefined> {
  #items: T[] = [];
  #head = 0;
  #waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void } | undefined;
  #end: { readonly error: unknown } | undefined;

  /** Items that wait to be taken. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** Ignored after the end. */
  push(item: T): void {
    if (this.#end !== undefined) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: item });
    } else this.#items.push(item);
  }

  /** Ends the iteration after what is in the queue; with an error if one is given. */
  close(error?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting !== undefined)
      return Promise.reject(new Error('Cannot take from the queue: someone else waits already'));
    if (this.#head < this.#items.length) return Promise.resolve({ done: false, value: this.#take() });
    const end = this.#end;
    if (end === undefined) return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
    if (end.error === undefined) return Promise.resolve({ done: true, value: undefined });
    this.#end = { error: undefined };
    return Promise.reject(end.error);
  }

  /** Called when the consumer leaves its loop: drops what is left. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    this.#end = { error: undefined };
    this.#items = [];
    this.#head = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): T {
    const item = this.#items[this.#head]!;
    this.#items[this.#head++] = undefined as T;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }
}
