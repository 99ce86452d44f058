import type { ByteWriter } from '../byte-writer.ts';

/** Types of frames (RFC 9113, section 6). */
export const frame = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Why a stream or connection ends (section 7). */
export const code = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  enhanceYourCalm: 11,
} as const;

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const frameHeadBytes = 9;
export const usualWindow = 65_535;
export const largestWindow = 2 ** 31 - 1;
/** The largest frame that we take; the least that everybody must. */
export const largestFrame = 16_384;

/** The peer broke the rules, so that the whole connection ends. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly code: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.code = errorCode;
  }
}

/** The peer broke the rules within one stream, which ends. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly code: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.code = errorCode;
  }
}

export function writeFrameHead(writer: ByteWriter, length: number, type: number, flags: number, stream: number): void {
  writer.reserve(frameHeadBytes + length);
  const { buffer, length: at } = writer;
  buffer[at] = length >>> 16;
  buffer[at + 1] = length >>> 8;
  buffer[at + 2] = length;
  buffer[at + 3] = type;
  buffer[at + 4] = flags;
  buffer[at + 5] = stream >>> 24;
  buffer[at + 6] = stream >>> 16;
  buffer[at + 7] = stream >>> 8;
  buffer[at + 8] = stream;
  writer.length = at + frameHeadBytes;
}

export function writeUint32(writer: ByteWriter, value: number): void {
  writer.reserve(4);
  writer.buffer.writeUInt32BE(value >>> 0, writer.length);
  writer.length += 4;
}
