import { BadRequestError } from './request-head.ts';

/** Takes the bytes of a body, and says when it has ended. */
export interface BodyDecoder {
  readonly isDone: boolean;
  /** Takes what it can between `start` and `end`, and answers where it stopped. Throws {@link BadRequestError}. */
  feed(bytes: Buffer, start: number, end: number): number;
}

export type OnBytes = (bytes: Buffer, start: number, end: number) => void;

export function bodyDecoder(length: number | 'chunked', mostTrailerBytes: number, onBytes: OnBytes): BodyDecoder {
  return length === 'chunked' ? new ChunkedDecoder(mostTrailerBytes, onBytes) : new LengthDecoder(length, onBytes);
}

class LengthDecoder implements BodyDecoder {
  #left: number;
  readonly #onBytes: OnBytes;

  constructor(length: number, onBytes: OnBytes) {
    this.#left = length;
    this.#onBytes = onBytes;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  feed(bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.#left);
    this.#left -= stop - start;
    if (stop > start) this.#onBytes(bytes, start, stop);
    return stop;
  }
}

const longestSizeLine = 256;
const sizeLine = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

/** The chunked transfer coding (RFC 9112, section 7.1); extensions and trailers are read over. */
class ChunkedDecoder implements BodyDecoder {
  #state: 'size' | 'data' | 'behind data' | 'trailers' | 'done' = 'size';
  #left = 0;
  #trailerBytes: number;
  readonly #onBytes: OnBytes;

  constructor(mostTrailerBytes: number, onBytes: OnBytes) {
    this.#trailerBytes = mostTrailerBytes;
    this.#onBytes = onBytes;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  feed(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state !== 'done') {
      if (this.#state === 'data') {
        const stop = Math.min(end, at + this.#left);
        this.#onBytes(bytes, at, stop);
        this.#left -= stop - at;
        at = stop;
        if (this.#left === 0) this.#state = 'behind data';
        continue;
      }
      const most = this.#state === 'trailers' ? this.#trailerBytes : longestSizeLine;
      const line = lineAt(bytes, at, end, most);
      if (line === undefined) return at;
      at += line.length + 2;
      this.#line(line);
    }
    return at;
  }

  #line(line: string): void {
    if (this.#state === 'size') {
      const match = sizeLine.exec(line);
      if (match === null) throw new BadRequestError(400, 'the size of a chunk cannot be read');
      this.#left = Number.parseInt(match[1]!, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (this.#state === 'behind data') {
      if (line !== '') throw new BadRequestError(400, 'a chunk is longer than its size');
      this.#state = 'size';
    } else if (line === '') this.#state = 'done';
    else {
      if (!trailerLine.test(line)) throw new BadRequestError(400, 'a trailer cannot be read');
      this.#trailerBytes -= line.length + 2;
    }
  }
}

/** Undefined: it has not come whole. */
function lineAt(bytes: Buffer, start: number, end: number, most: number): string | undefined {
  const limit = Math.min(end, start + most + 2);
  const view = bytes.subarray(start, limit);
  const at = view.indexOf('\r\n');
  if (at >= 0) return view.toString('latin1', 0, at);
  if (view.length >= most + 2) throw new BadRequestError(400, 'a line of the body is too long');
  return undefined;
}
