/** So many letters are kept for a connection. */
const mostLetters = 4096;

/** Headers of a connection that have been found to be well-formed: most come again with each request. */
export class KnownFields {
  readonly #values = new Map<string, string>();
  #letters = 0;

  has(name: string, value: string): boolean {
    return this.#values.get(name) === value;
  }

  add(name: string, value: string): void {
    const before = this.#values.get(name);
    const more = value.length + (before === undefined ? name.length : -before.length);
    if (this.#letters + more > mostLetters) return;
    this.#letters += more;
    this.#values.set(name, value);
  }
}
