/** Messages and control frames of a WebSocket (RFC 6455, section 5), as a server writes and reads them. */

export type Opcode = 'text' | 'binary' | 'close' | 'ping' | 'pong';

const codes: Readonly<Record<Opcode, number>> = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const longestControl = 125;

/** The head of an unmasked frame that is a whole message of `length` bytes. */
export function frameHead(opcode: Opcode, length: number): Buffer {
  const first = 0x80 | codes[opcode];
  if (length < 126) return Buffer.of(first, length);
  if (length < 0x10000) return Buffer.of(first, 126, length >> 8, length & 0xff);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** What a client's frames say to a server that only sends. */
export interface ClientFrames {
  ping(payload: Buffer): void;
  /** The client ends the connection, or what it sends is no WebSocket. */
  close(): void;
}

/** Reads a client's frames; the content of its messages is dropped as it comes. */
export class FrameReader {
  readonly #to: ClientFrames;
  #pending = Buffer.alloc(0);
  /** What is left of a message that nobody wants. */
  #skip = 0;
  #isOver = false;

  constructor(to: ClientFrames) {
    this.#to = to;
  }

  take(part: Buffer): void {
    let rest = this.#pending.length === 0 ? part : Buffer.concat([this.#pending, part]);
    while (!this.#isOver) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
      const next = this.#skip > 0 ? undefined : this.#frame(rest);
      if (next === undefined) break;
      rest = rest.subarray(next);
    }
    this.#pending = this.#isOver ? Buffer.alloc(0) : Buffer.from(rest);
  }

  /** Reads the frame that begins here; answers how much of it, `undefined` when more must come. */
  #frame(bytes: Buffer): number | undefined {
    if (bytes.length < 2) return undefined;
    const code = bytes[0]! & 0x0f;
    const short = bytes[1]! & 0x7f;
    const isMasked = (bytes[1]! & 0x80) !== 0;
    if (!isMasked || (code >= 8 && short > longestControl) || code === codes.close) return this.#end();
    const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + 4;
    if (bytes.length < head) return undefined;
    if (code < 8) {
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      this.#skip = length;
      return head;
    }
    if (bytes.length < head + short) return undefined;
    const mask = bytes.subarray(head - 4, head);
    const payload = Buffer.from(bytes.subarray(head, head + short).map((byte, index) => byte ^ mask[index & 3]!));
    if (code === codes.ping) this.#to.ping(payload);
    return head + short;
  }

  #end(): undefined {
    this.#isOver = true;
    this.#to.close();
    return undefined;
  }
}
