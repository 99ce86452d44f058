import { BadRequestError } from './request-head.ts';

const endOfHead = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);
/** Room for what may come next. */
const mostSpareBytes = 16 * 1024;

/** Bytes of a connection that were not read yet. They are copied only when they come in pieces. */
export class Inbox {
  #bytes: Buffer = nothing;
  #start = 0;
  #end = 0;
  #isOwn = false;
  /** No head ends before this place. */
  #searched = 0;

  get size(): number {
    return this.#end - this.#start;
  }

  /** What it keeps in memory for them. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  append(chunk: Buffer): void {
    const { size } = this;
    if (size === 0) {
      this.#bytes = chunk;
      this.#start = this.#searched = 0;
      this.#end = chunk.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.#bytes.length - this.#end < chunk.length) {
      const larger = Buffer.allocUnsafeSlow(size + Math.max(chunk.length, Math.min(size, mostSpareBytes)));
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#searched -= this.#start;
      this.#bytes = larger;
      this.#start = 0;
      this.#end = size;
      this.#isOwn = true;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The next head without its end; undefined: it has not come whole. Throws {@link BadRequestError} for one that is too
   * large.
   */
  takeHead(mostBytes: number): string | undefined {
    // An empty line in front is no fault (RFC 9112, section 2.2).
    if (this.size >= 2 && this.#bytes[this.#start] === 13 && this.#bytes[this.#start + 1] === 10) this.#start += 2;
    const from = Math.max(this.#start, this.#searched);
    const at = this.#bytes.subarray(0, this.#end).indexOf(endOfHead, from);
    const size = (at < 0 ? this.#end : at) - this.#start;
    if (size > mostBytes) throw new BadRequestError(431, `the head is longer than ${mostBytes} bytes`);
    if (at < 0) {
      this.#searched = Math.max(this.#start, this.#end - 3);
      return undefined;
    }
    const text = this.#bytes.toString('latin1', this.#start, at);
    this.#start = this.#searched = at + endOfHead.length;
    this.#letGo();
    return text;
  }

  /** Lets `read` take bytes; it answers where it stopped. */
  feed(read: (bytes: Buffer, start: number, end: number) => number): void {
    const stop = read(this.#bytes, this.#start, this.#end);
    this.#start = this.#searched = stop;
    this.#letGo();
  }

  /** All of it. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#letGo();
    return bytes;
  }

  /** A connection that waits keeps no memory of what it has brought. */
  #letGo(): void {
    if (this.#start < this.#end) return;
    this.#bytes = nothing;
    this.#isOwn = false;
    this.#start = this.#end = this.#searched = 0;
  }
}
