const lineFeed = 0x0a;

/** Longest line accepted, in bytes: several times the largest object that a server stores. */
const longestLine = 32 * 1024 * 1024;

/** Cuts a stream of bytes into the JSON values that stand on its lines, wherever the chunks are cut. */
export class JsonLines {
  readonly #text = new TextDecoder('utf-8', { fatal: true });
  #pieces: Uint8Array[] = [];
  #pending = 0;

  /** The values that `chunk` completes. Throws on a line that is not JSON or longer than any object can be. */
  push(chunk: Uint8Array): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const line = this.#take(chunk.subarray(start, end));
      if (line.trim() !== '') values.push(JSON.parse(line));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return values;
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pending += piece.length;
    if (this.#pending > longestLine)
      throw new Error(`Cannot read the stream: a line is longer than ${longestLine} bytes`);
  }

  #take(last: Uint8Array): string {
    if (this.#pending === 0) return this.#text.decode(last);
    const line = new Uint8Array(this.#pending + last.length);
    let offset = 0;
    for (const piece of [...this.#pieces, last]) {
      line.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [];
    this.#pending = 0;
    return this.#text.decode(line);
  }
}
