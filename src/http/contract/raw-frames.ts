import { code, flag, frame, preface } from '../http2/protocol.ts';

/** Frames made by hand, for clients that keep no rule but those they want to. */
export function rawFrame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload as Buffer);
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A header block without Huffman coding and without entries for later. */
export function rawBlock(...fields: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, 'latin1');
    return Buffer.concat([integer(bytes.length), bytes]);
  };
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

export function requestFields(method: string, path: string): (readonly [string, string])[] {
  return [
    [':method', method],
    [':scheme', 'https'],
    [':path', path],
    [':authority', 'x'],
  ];
}

const endHead = flag.endHeaders;

/** What every connection begins with. */
export const opening = Buffer.concat([preface, rawFrame(frame.settings, 0, 0)]);

export function rawGet(stream: number, path = '/'): Buffer {
  return rawFrame(frame.headers, endHead | flag.endStream, stream, rawBlock(...requestFields('GET', path)));
}

/** The head of a request whose body follows. */
export function rawPost(stream: number, path = '/', ...more: readonly (readonly [string, string])[]): Buffer {
  return rawFrame(frame.headers, endHead, stream, rawBlock(...requestFields('POST', path), ...more));
}

export function rawReset(stream: number): Buffer {
  return rawFrame(frame.rstStream, 0, stream, uint32(code.cancel));
}
