/** Runs actions one after the other, in the order they came. */
export class Serial {
  #tail: Promise<unknown> = Promise.resolve();

  /** The action's own outcome; a failure does not stop those behind it. */
  run<T>(action: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(action);
    this.#tail = result.catch(() => {});
    return result;
  }
}

/** As {@link Serial}, for each key apart. Keys without work take no room. */
export class KeyedSerial {
  readonly #lines = new Map<string, { readonly serial: Serial; pending: number }>();

  async run<T>(key: string, action: () => Promise<T> | T): Promise<T> {
    let line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, (line = { serial: new Serial(), pending: 0 }));
    line.pending++;
    try {
      return await line.serial.run(action);
    } finally {
      if (--line.pending === 0) this.#lines.delete(key);
    }
  }
}
