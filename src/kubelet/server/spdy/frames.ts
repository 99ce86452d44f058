/**
 * Frames of SPDY/3.1 as far as a client of a container runtime's streaming server needs them (SPDY draft 3.1, section 2).
 * Header blocks are sent as a zlib stream of stored blocks: valid for every reader, and without state of our own. Header
 * blocks that come are not read: all that they say is that a stream was accepted.
 */
export type SpdyFrame =
  | { readonly kind: 'data'; readonly stream: number; readonly isLast: boolean; readonly payload: Buffer }
  | { readonly kind: 'reply'; readonly stream: number; readonly isLast: boolean }
  | { readonly kind: 'reset'; readonly stream: number; readonly status: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'going-away' }
  | { readonly kind: 'other' };

const version = 3;
const frameTypes = { synStream: 1, synReply: 2, reset: 3, ping: 6, goingAway: 7, headers: 8 };
const lastFlag = 1;
const headerBytes = 8;

/** Opens a stream. `isFirst`: no stream was opened on the connection before. */
export function openFrame(stream: number, headers: Readonly<Record<string, string>>, isFirst: boolean): Buffer {
  const block = storedBlock(headerBlock(headers), isFirst);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt32BE(stream, 0);
  return controlFrame(frameTypes.synStream, 0, Buffer.concat([fixed, block]));
}

/** The head of a data frame; its payload follows. */
export function dataHead(stream: number, length: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt32BE(stream, 0);
  head.writeUInt32BE(length, 4);
  head[4] = isLast ? lastFlag : 0;
  return head;
}

export function pingFrame(id: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(id, 0);
  return controlFrame(frameTypes.ping, 0, payload);
}

/** Gives a stream up; the other end need not send more of it. */
export function cancelFrame(stream: number): Buffer {
  const cancelled = 5;
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(stream, 0);
  payload.writeUInt32BE(cancelled, 4);
  return controlFrame(frameTypes.reset, 0, payload);
}

function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(payload.length, 4);
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

/** Names are in lower case, as SPDY demands. */
function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const parts = [wordOf(entries.length)];
  for (const [name, value] of entries)
    for (const text of [name.toLowerCase(), value]) parts.push(wordOf(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(parts);
}

/**
 * A stored deflate block and the empty one that makes readers hand out what they have; before the first, the zlib
 * header.
 */
function storedBlock(content: Buffer, isFirst: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(content.length, 1);
  head.writeUInt16LE(content.length ^ 0xffff, 3);
  const flush = Buffer.from([0, 0, 0, 0xff, 0xff]);
  return Buffer.concat([...(isFirst ? [Buffer.from([0x78, 0x01])] : []), head, content, flush]);
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(value);
  return word;
}

/** Cuts bytes, in whatever pieces they come, into frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #available = 0;

  *push(chunk: Buffer): Generator<SpdyFrame> {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    while (this.#available >= headerBytes) {
      const head = this.#peek(headerBytes);
      const length = head.readUInt32BE(4) & 0xffffff;
      if (this.#available < headerBytes + length) return;
      const frame = this.#take(headerBytes + length);
      yield readFrame(frame.subarray(0, headerBytes), frame.subarray(headerBytes));
    }
  }

  /** The first `size` bytes in one piece, left in place. */
  #peek(size: number): Buffer {
    const first = this.#chunks[0]!;
    if (first.length >= size) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #take(size: number): Buffer {
    const all = this.#peek(size);
    this.#available -= size;
    if (all.length === size) this.#chunks.shift();
    else this.#chunks[0] = all.subarray(size);
    return all.subarray(0, size);
  }
}

function readFrame(head: Buffer, payload: Buffer): SpdyFrame {
  const isLast = (head[4]! & lastFlag) !== 0;
  if ((head[0]! & 0x80) === 0) return { kind: 'data', stream: head.readUInt32BE(0), isLast, payload };
  const stream = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fffffff : 0;
  switch (head.readUInt16BE(2)) {
    case frameTypes.synReply:
    case frameTypes.headers:
      return { kind: 'reply', stream, isLast };
    case frameTypes.reset:
      return { kind: 'reset', stream, status: payload.readUInt32BE(4) };
    case frameTypes.ping:
      return { kind: 'ping', id: payload.readUInt32BE(0) };
    case frameTypes.goingAway:
      return { kind: 'going-away' };
    default:
      return { kind: 'other' };
  }
}
