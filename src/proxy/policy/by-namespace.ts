/** Things by their key, and by the namespace that they are in. */
export class ByNamespace<T extends { readonly key: string; readonly namespace: string }> {
  readonly #all = new Map<string, T>();
  readonly #namespaces = new Map<string, Map<string, T>>();

  get(key: string): T | undefined {
    return this.#all.get(key);
  }

  /** All, or those of one namespace. */
  list(namespace?: string): Iterable<T> {
    return (namespace === undefined ? this.#all : this.#namespaces.get(namespace))?.values() ?? [];
  }

  /** Answers what was there. What takes its place is in the same namespace. */
  replace(key: string, now: T | undefined): T | undefined {
    const old = this.#all.get(key);
    const namespace = (now ?? old)?.namespace ?? '';
    const others = this.#namespaces.get(namespace) ?? new Map<string, T>();
    if (now === undefined) {
      this.#all.delete(key);
      others.delete(key);
    } else {
      this.#all.set(key, now);
      others.set(key, now);
    }
    if (others.size === 0) this.#namespaces.delete(namespace);
    else this.#namespaces.set(namespace, others);
    return old;
  }
}
