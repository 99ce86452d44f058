import { Payload } from './payload.ts';
import { code, ConnectionError } from './protocol.ts';

/** The head of a request that goes on in CONTINUATION frames. */
export class HeadBlock {
  readonly id: number;
  readonly endStream: boolean;
  /** When it began. */
  readonly since: number;
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor(id: number, endStream: boolean, since: number, limit: number) {
    this.id = id;
    this.endStream = endStream;
    this.since = since;
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws {@link ConnectionError} when it becomes too long. */
  add(payload: Payload): void {
    this.#parts.push(Buffer.from(payload.rest()));
    this.#bytes += payload.size;
    if (this.#bytes > this.#limit) throw new ConnectionError(code.enhanceYourCalm, 'a head that is too large');
  }

  whole(): Payload {
    return Payload.of(Buffer.concat(this.#parts, this.#bytes));
  }
}
