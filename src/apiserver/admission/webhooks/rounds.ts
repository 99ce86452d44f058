/** Who is asked about a request, and who must be asked again because somebody has changed the object since. */
export class Rounds<T> {
  /** They want to see later changes. */
  readonly #waiting = new Set<T>();
  readonly #again = new Set<T>();

  asked(one: T, { isChanged, wantsAgain }: { readonly isChanged: boolean; readonly wantsAgain: boolean }): void {
    if (isChanged) this.changed();
    if (wantsAgain) this.#waiting.add(one);
  }

  /** The object is another one than those who wait have seen. */
  changed(): void {
    for (const one of this.#waiting) this.#again.add(one);
    this.#waiting.clear();
  }

  mustAskAgain(one: T): boolean {
    return this.#again.has(one);
  }
}
