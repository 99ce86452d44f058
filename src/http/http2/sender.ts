import type { TLSSocket } from 'node:tls';
import type { ResponseHeaders } from '../headers.ts';
import { HpackEncoder } from '../hpack/encoder.ts';
import { batchBytes, Output } from '../output.ts';
import { headerFields } from '../response-head.ts';
import type { ServerContext } from '../server-context.ts';
import {
  flag,
  frame,
  frameHeadBytes,
  largestFrame,
  largestWindow,
  setting,
  usualWindow,
  writeFrameHead,
  writeUint32,
} from './protocol.ts';
import type { Http2Stream } from './stream.ts';

/** What the sending side tells its connection. */
export interface SenderEvents {
  /** Bytes of data have left. */
  sent(stream: Http2Stream, bytes: number): void;
  /** Bytes have left the queue of a stream. */
  unqueued(stream: Http2Stream, bytes: number): void;
  /** The end of an answer has been written. */
  answered(stream: Http2Stream): void;
}

/** The sending side of an HTTP/2 connection: frames, header compression, and the windows that the peer gives. */
export class Sender {
  readonly output: Output;
  readonly #context: ServerContext;
  readonly #events: SenderEvents;
  readonly #encoder = new HpackEncoder();
  /** Streams whose queue is not empty and whose window is open; each in turn sends a frame. */
  readonly #ready: Http2Stream[] = [];
  #window = usualWindow;
  #largestFrame = largestFrame;
  /** What new streams may send at first. */
  initialWindow = usualWindow;

  constructor(socket: TLSSocket, context: ServerContext, events: SenderEvents) {
    this.#context = context;
    this.#events = events;
    this.output = new Output(socket, context, () => this.#fill());
  }

  head(stream: Http2Stream, status: number, headers: ResponseHeaders, length: number | undefined, end: boolean): void {
    // Looked at before anything is written: the table of headers cannot be undone.
    const fields = headerFields(headers);
    const { writer } = this.output;
    writeFrameHead(writer, 0, frame.headers, flag.endHeaders | (end ? flag.endStream : 0), stream.id);
    const start = writer.length;
    this.#encoder.begin(writer);
    this.#encoder.status(writer, status);
    for (let at = 0; at < fields.length; at += 2) this.#encoder.field(writer, fields[at]!, fields[at + 1]!);
    if (status >= 200) this.#encoder.field(writer, 'date', this.#context.date());
    if (length !== undefined) this.#encoder.field(writer, 'content-length', String(length));
    const size = writer.length - start;
    if (size > largestFrame) this.#continue(stream.id, start, end);
    else writeLength(writer.buffer, start - frameHeadBytes, size);
    this.output.schedule();
    if (end) this.#events.answered(stream);
  }

  /** A block that is too long for a frame goes on in others (RFC 9113, section 6.10). */
  #continue(id: number, start: number, end: boolean): void {
    const { writer } = this.output;
    const block = Buffer.from(writer.buffer.subarray(start, writer.length));
    writer.length = start - frameHeadBytes;
    for (let at = 0; at < block.length; at += largestFrame) {
      const part = block.subarray(at, at + largestFrame);
      const isLast = at + part.length === block.length;
      const flags = (isLast ? flag.endHeaders : 0) | (at === 0 && end ? flag.endStream : 0);
      writeFrameHead(writer, part.length, at === 0 ? frame.headers : frame.continuation, flags, id);
      writer.bytes(part);
    }
  }

  /** Writes parts without a queue when nothing is in the way; false: they have to wait. */
  writeNow(stream: Http2Stream, parts: readonly Uint8Array[], size: number, end: boolean): boolean {
    const { output } = this;
    const isFree = output.hasRoom && size <= largestFrame && size <= this.#window && size <= stream.sendWindow;
    if (size > 0 && !isFree) return false;
    writeFrameHead(output.writer, size, frame.data, end ? flag.endStream : 0, stream.id);
    for (const part of parts) output.writer.bytes(part);
    this.#count(stream, size);
    output.schedule();
    if (end) this.#events.answered(stream);
    return true;
  }

  becomesReady(stream: Http2Stream): void {
    if (stream.isReady) return;
    stream.isReady = true;
    this.#ready.push(stream);
    this.output.schedule();
  }

  /** The peer takes so many bytes more, on all streams together. False: it allows too many. */
  raiseWindow(bytes: number): boolean {
    this.#window += bytes;
    if (this.#ready.length > 0) this.output.schedule();
    return this.#window <= largestWindow;
  }

  limitFrames(bytes: number): void {
    // One that the peer would take, but that is larger, saves nothing that counts.
    this.#largestFrame = Math.min(bytes, largestFrame);
  }

  limitTable(bytes: number): void {
    this.#encoder.limitTable(bytes);
  }

  /** What we allow, before anything else. */
  settings(): void {
    const { streams, streamWindowBytes, connectionWindowBytes, headerBytes } = this.#context.limits;
    const settings = [
      [setting.maxConcurrentStreams, streams],
      [setting.initialWindowSize, streamWindowBytes],
      [setting.maxHeaderListSize, headerBytes],
    ] as const;
    const { writer } = this.output;
    writeFrameHead(writer, settings.length * 6, frame.settings, 0, 0);
    for (const [name, value] of settings) {
      writer.byte(0);
      writer.byte(name);
      writeUint32(writer, value);
    }
    if (connectionWindowBytes > usualWindow) this.windowUpdate(0, connectionWindowBytes - usualWindow);
    this.output.schedule();
  }

  acknowledgeSettings(): void {
    writeFrameHead(this.output.writer, 0, frame.settings, flag.ack, 0);
    this.output.schedule();
  }

  answerPing(data: Uint8Array): void {
    writeFrameHead(this.output.writer, 8, frame.ping, flag.ack, 0);
    this.output.writer.bytes(data);
    this.output.schedule();
  }

  reset(id: number, errorCode: number): void {
    this.#number(frame.rstStream, id, errorCode);
  }

  windowUpdate(id: number, bytes: number): void {
    this.#number(frame.windowUpdate, id, bytes);
  }

  /** Streams above `lastId` are not answered. */
  goAway(lastId: number, errorCode: number, why: string): void {
    const { writer } = this.output;
    writeFrameHead(writer, 8 + why.length, frame.goAway, 0, 0);
    writeUint32(writer, lastId);
    writeUint32(writer, errorCode);
    writer.latin1(why);
    this.output.schedule();
  }

  #number(type: number, id: number, value: number): void {
    writeFrameHead(this.output.writer, 4, type, 0, id);
    writeUint32(this.output.writer, value);
    this.output.schedule();
  }

  #fill(): void {
    const { writer } = this.output;
    const now = this.#context.clock.monotonic();
    while (writer.length < batchBytes && this.#ready.length > 0 && this.#window > 0) {
      const stream = this.#ready.shift()!;
      stream.isReady = false;
      if (!stream.isGone) this.#sendSome(stream, now);
    }
  }

  #sendSome(stream: Http2Stream, now: number): void {
    const { queue } = stream;
    const size = Math.min(queue.bytes, this.#window, stream.sendWindow, this.#largestFrame);
    if (size <= 0 && queue.bytes > 0) return;
    const end = stream.isEnding && size === queue.bytes;
    writeFrameHead(this.output.writer, size, frame.data, end ? flag.endStream : 0, stream.id);
    queue.moveTo(this.output.writer, size);
    this.#count(stream, size);
    this.#events.unqueued(stream, size);
    stream.progressed(now);
    if (end) this.#events.answered(stream);
    else if (queue.bytes > 0 && !stream.isReady) {
      stream.isReady = true;
      this.#ready.push(stream);
    }
  }

  #count(stream: Http2Stream, size: number): void {
    this.#window -= size;
    stream.sendWindow -= size;
    if (size > 0) this.#events.sent(stream, size);
  }
}

function writeLength(buffer: Buffer, at: number, length: number): void {
  buffer[at] = length >>> 16;
  buffer[at + 1] = length >>> 8;
  buffer[at + 2] = length;
}
