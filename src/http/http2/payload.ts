import { code, ConnectionError, StreamError } from './protocol.ts';

/** The payload of a frame: `bytes` from `start` to `end`. */
export class Payload {
  readonly bytes: Buffer;
  start: number;
  end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  static of(bytes: Buffer): Payload {
    return new Payload(bytes, 0, bytes.length);
  }

  get size(): number {
    return this.end - this.start;
  }

  rest(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Of exactly this size, and on a stream that may have such a frame. */
  expect(size: number, isOnRightStream: boolean): void {
    if (!isOnRightStream) throw new ConnectionError(code.protocolError, 'a frame on the wrong stream');
    if (this.size !== size) throw new ConnectionError(code.frameSizeError, `a frame of ${this.size} bytes`);
  }

  expectAtLeast(size: number, isOnRightStream: boolean): void {
    this.expect(Math.max(size, this.size), isOnRightStream);
  }

  stripPadding(): void {
    if (this.size === 0) throw new ConnectionError(code.frameSizeError, 'a frame without its padding');
    const padding = this.bytes[this.start++]!;
    if (padding > this.size) throw new ConnectionError(code.protocolError, 'more padding than bytes');
    this.end -= padding;
  }

  /** Takes the priority from the beginning, and answers which stream it names. Priorities change nothing here. */
  takePriority(): number {
    if (this.size < 5) throw new ConnectionError(code.frameSizeError, 'a frame without its priority');
    const dependsOn = this.bytes.readUInt32BE(this.start) & 0x7fffffff;
    this.start += 5;
    return dependsOn;
  }

  /** All that a PRIORITY frame can do wrong. */
  checkPriority(id: number): void {
    if (id === 0) throw new ConnectionError(code.protocolError, 'a frame on the wrong stream');
    if (this.size !== 5) throw new StreamError(code.frameSizeError, `a frame of ${this.size} bytes`);
    if (this.takePriority() === id) throw new StreamError(code.protocolError, 'a request that depends on itself');
  }
}
