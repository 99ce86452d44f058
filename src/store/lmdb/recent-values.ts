import type { Version } from '../history.ts';

/**
 * Keeps the values of the newest versions in memory, up to a number of bytes: most reads ask for what was just written,
 * and whoever caches values shares these bytes.
 */
export class RecentValues {
  readonly #limit: number;
  #versions: Version[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The version was committed, so its value can be read from the file. */
  add(version: Version): void {
    this.#versions.push(version);
    this.#bytes += version.size;
    while (this.#bytes > this.#limit) this.#letGo();
    if (this.#first > 1024 && this.#first * 2 > this.#versions.length) {
      this.#versions = this.#versions.slice(this.#first);
      this.#first = 0;
    }
  }

  #letGo(): void {
    const version = this.#versions[this.#first++]!;
    this.#bytes -= version.size;
    version.value = undefined;
  }
}
