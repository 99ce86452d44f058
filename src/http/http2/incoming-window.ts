import { code, ConnectionError } from './protocol.ts';

/** The window of a connection: what the client may send of all bodies together before it is told that there is room. */
export class IncomingWindow {
  readonly #size: number;
  #left: number;
  /** Bytes that were taken, and the client was not told of yet. */
  #uncredited = 0;

  constructor(size: number) {
    this.#size = size;
    this.#left = size;
  }

  /** Throws {@link ConnectionError} where it is more than allowed. */
  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new ConnectionError(code.flowControlError, 'more data than allowed');
  }

  /** Bytes have been taken. Answers how many the client is to be told of now; 0: not yet. */
  credit(bytes: number): number {
    this.#uncredited += bytes;
    if (this.#uncredited * 2 < this.#size) return 0;
    const told = this.#uncredited;
    this.#left += told;
    this.#uncredited = 0;
    return told;
  }
}
