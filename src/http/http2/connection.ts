import type { TLSSocket } from 'node:tls';
import { Turns } from '../../base/turns.ts';
import { ByteShare } from '../byte-budget.ts';
import type { Connection } from '../exchange.ts';
import type { ResponseHeaders } from '../headers.ts';
import { HpackError } from '../hpack/decoder.ts';
import { connectionOf, handle, type ServerConnection, type ServerContext } from '../server-context.ts';
import { ControlCredit } from './control-credit.ts';
import { FrameReader } from './frame-reader.ts';
import { HeadReader, type WholeHead } from './head-reader.ts';
import { IncomingWindow } from './incoming-window.ts';
import { KnownFields } from './known-fields.ts';
import { Payload } from './payload.ts';
import { code, ConnectionError, flag, frame, largestWindow, preface, StreamError } from './protocol.ts';
import { checkTrailers, requestHead, tooLargeHead } from './request-head.ts';
import { readSettings } from './settings.ts';
import { Sender, type SenderEvents } from './sender.ts';
import { StreamTable } from './stream-table.ts';
import { Http2Stream, type StreamOwner } from './stream.ts';

/** Steps between two looks at the time, and how many of them a request is. */
const fewSteps = 64;
const stepsOfRequest = 8;
/** How long a client may take to see that its connection has ended. */
const partingMs = 1000;

/** An HTTP/2 connection (RFC 9113), from its preface on. */
export class Http2Connection implements ServerConnection, StreamOwner, SenderEvents {
  readonly context: ServerContext;
  readonly connection: Connection;
  readonly #socket: TLSSocket;
  readonly #sender: Sender;
  readonly #reader: FrameReader;
  readonly #heads: HeadReader;
  readonly #knownFields = new KnownFields();
  readonly #credit: ControlCredit;
  /** Of heads that are coming, and of frames that have not come whole. */
  readonly #headShare: ByteShare;
  readonly #streams = new StreamTable();
  readonly #window: IncomingWindow;
  readonly #openedAt: number;
  readonly #turns: Turns;
  /** Since the last look at the time; a frame is a step, a request is many. */
  #steps = 0;
  /** Frames have come faster than they are worked off: they wait for their turn. */
  #waitsForTurn = false;
  #prefaceBytes = 0;
  #hasSettings = false;
  /** Bytes that wait in the queues of streams. */
  #queued = 0;
  #idleSince: number;
  /** When the client was told that the connection ends; and whether nothing is answered any more. */
  #partingSince: number | undefined;
  #isOver = false;

  constructor(socket: TLSSocket, context: ServerContext) {
    const { limits, clock } = context;
    this.context = context;
    this.connection = connectionOf(socket, 'HTTP/2.0');
    this.#socket = socket;
    this.#sender = new Sender(socket, context, this);
    this.#turns = Turns.of(clock);
    this.#reader = new FrameReader((type, flags, id, bytes, start, end) => {
      this.#frame(type, flags, id, bytes, start, end);
      this.#steps += type === frame.headers ? stepsOfRequest : 1;
      if (this.#steps < fewSteps) return false;
      this.#steps = 0;
      return this.#turns.isOver;
    });
    this.#heads = new HeadReader(limits);
    this.#credit = new ControlCredit(clock, limits.controlBurst, limits.controlPerSecond);
    this.#headShare = new ByteShare(context.heads, limits.freeHeadBytes);
    this.#window = new IncomingWindow(limits.connectionWindowBytes);
    this.#openedAt = this.#idleSince = clock.monotonic();
    this.#sender.settings();
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => void this.#closeStreams());
  }

  sweep(now: number): void {
    const { headMs, idleMs, stallMs, bodyGraceMs } = this.context.limits;
    if (this.#isOver && now - this.#partingSince! > partingMs) return void this.#socket.destroy();
    if (this.#sender.output.stalledMs(now) > stallMs) return void this.#socket.destroy();
    const { open } = this.#heads;
    if (open !== undefined && now - open.since > headMs)
      return this.#fail(code.enhanceYourCalm, 'a head that does not end');
    for (const stream of this.#streams.values()) {
      stream.incoming?.checkPace(now, this.context.limits);
      if (stream.localClosed && now - stream.localClosedAt > bodyGraceMs) this.#stopBody(stream);
    }
    if (this.#streams.busy > 0 || this.#isOver) return;
    if (this.#partingSince !== undefined) {
      if (now - this.#partingSince > partingMs) this.#fail(code.noError, '');
    } else if (now - this.#idleSince > idleMs || (this.#streams.lastId === 0 && now - this.#openedAt > headMs)) {
      // The first GOAWAY lets requests through that are on their way.
      this.#partingSince = now;
      this.#sender.goAway(largestWindow, code.noError, '');
    }
  }

  close(): void {
    this.#fail(code.noError, '');
    this.#sender.output.flushNow();
    this.#socket.destroy();
  }

  head(stream: Http2Stream, status: number, headers: ResponseHeaders, length: number | undefined, end: boolean): void {
    this.#sender.head(stream, status, headers, length, end);
  }

  writeNow(stream: Http2Stream, parts: readonly Uint8Array[], size: number, end: boolean): boolean {
    return this.#sender.writeNow(stream, parts, size, end);
  }

  becomesReady(stream: Http2Stream): void {
    this.#sender.becomesReady(stream);
  }

  waits(stream: Http2Stream, bytes: number): void {
    this.#queued += bytes;
    if (bytes < 0) return this.context.writes.remove(stream, -bytes);
    this.context.writes.add(stream, bytes);
    if (this.#queued > this.context.limits.connectionBytes) this.#evictWorst();
  }

  unqueued(stream: Http2Stream, bytes: number): void {
    this.waits(stream, -bytes);
  }

  sent(_stream: Http2Stream, bytes: number): void {
    this.#credit.earn(bytes / 1024);
  }

  credit(stream: Http2Stream, bytes: number): void {
    const { streamWindowBytes } = this.context.limits;
    this.#creditConnection(bytes);
    if (stream.remoteClosed || stream.isGone) return;
    stream.uncredited += bytes;
    if (stream.uncredited * 2 < streamWindowBytes) return;
    this.#sender.windowUpdate(stream.id, stream.uncredited);
    stream.receiveWindow += stream.uncredited;
    stream.uncredited = 0;
  }

  reset(stream: Http2Stream, errorCode: number): void {
    this.#resetId(stream.id, errorCode);
    this.#remove(stream, false);
  }

  answered(stream: Http2Stream): void {
    stream.localClosed = true;
    stream.localClosedAt = this.context.clock.monotonic();
    this.#credit.earn(1);
    if (stream.remoteClosed) return this.#remove(stream, true);
    stream.incoming!.drop(() => new Error('Cannot read the body: the request has been answered'));
    const rest = (stream.announced ?? 0) - stream.incoming!.received;
    if (rest > this.context.limits.unwantedBytes) this.#stopBody(stream);
  }

  /** The client need not send the rest of a body whose request has been answered (RFC 9113, section 8.1). */
  #stopBody(stream: Http2Stream): void {
    this.#resetId(stream.id, code.noError);
    this.#remove(stream, true);
  }

  #receive(chunk: Buffer): void {
    if (this.#isOver) return;
    if (this.#waitsForTurn) {
      this.#socket.pause();
      return this.#reader.keep(chunk);
    }
    this.#read(() => this.#reader.push(this.#prefaceBytes < preface.length ? this.#behindPreface(chunk) : chunk));
  }

  /** Reads frames until there are no more, or others must have their turn. */
  #read(frames: () => boolean): void {
    try {
      if (frames()) this.#waitForTurn();
      if (!this.#headShare.set(this.#reader.waitingBytes + (this.#heads.open?.bytes ?? 0)))
        throw new ConnectionError(code.enhanceYourCalm, 'the heads of other requests take all the room');
    } catch (error) {
      if (error instanceof ConnectionError) this.#fail(error.code, error.message);
      else if (error instanceof HpackError) this.#fail(code.compressionError, error.message);
      else throw error;
    }
  }

  #waitForTurn(): void {
    this.#waitsForTurn = true;
    this.#socket.pause();
    void this.#turns.next().then(() => {
      this.#waitsForTurn = false;
      if (this.#isOver) return;
      this.#read(() => this.#reader.goOn());
      if (!this.#waitsForTurn) this.#socket.resume();
    });
  }

  #behindPreface(chunk: Buffer): Buffer {
    const size = Math.min(chunk.length, preface.length - this.#prefaceBytes);
    const isRight = chunk.compare(preface, this.#prefaceBytes, this.#prefaceBytes + size, 0, size) === 0;
    if (!isRight) throw new ConnectionError(code.protocolError, 'no preface of HTTP/2');
    this.#prefaceBytes += size;
    return chunk.subarray(size);
  }

  #frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return;
    if (!this.#hasSettings && (type !== frame.settings || (flags & flag.ack) !== 0))
      throw new ConnectionError(code.protocolError, 'settings must come first');
    const { open } = this.#heads;
    if (open !== undefined && (type !== frame.continuation || id !== open.id))
      throw new ConnectionError(code.protocolError, 'a frame within the head of a request');
    try {
      this.#dispatch(type, flags, id, new Payload(bytes, start, end));
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#spend(5);
      this.#resetId(id, error.code);
      const stream = this.#streams.get(id);
      if (stream !== undefined) this.#remove(stream, false);
    }
  }

  #dispatch(type: number, flags: number, id: number, payload: Payload): void {
    if (type === frame.data) return this.#data(flags, id, payload);
    if (type === frame.headers) return this.#headers(flags, id, payload);
    this.#spend(1);
    if (type === frame.continuation) return this.#continuation(flags, payload);
    if (type === frame.windowUpdate) return this.#windowUpdate(id, payload);
    if (type === frame.rstStream) return this.#rstStream(id, payload);
    if (type === frame.settings) return this.#settings(flags, id, payload);
    if (type === frame.ping) {
      payload.expect(8, id === 0);
      if ((flags & flag.ack) === 0) this.#sender.answerPing(payload.rest());
    } else if (type === frame.priority) payload.checkPriority(id);
    else if (type === frame.goAway) payload.expectAtLeast(8, id === 0);
    else if (type === frame.pushPromise) throw new ConnectionError(code.protocolError, 'a push from a client');
  }

  #data(flags: number, id: number, payload: Payload): void {
    const size = payload.size;
    const endStream = (flags & flag.endStream) !== 0;
    if (id === 0 || id > this.#streams.lastId) throw new ConnectionError(code.protocolError, 'data without a request');
    this.#window.spend(size);
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.remoteClosed) {
      this.#creditConnection(size);
      if (stream === undefined && this.#streams.isForgiven(id)) return this.#spend(size > 0 ? 0 : 1);
      throw new StreamError(code.streamClosed, 'data behind the end of a request');
    }
    stream.receiveWindow -= size;
    if ((flags & flag.padded) !== 0) payload.stripPadding();
    if (size > payload.size) this.credit(stream, size - payload.size);
    if (stream.receiveWindow < 0) throw new StreamError(code.flowControlError, 'more data than allowed');
    if (payload.size === 0 && !endStream) this.#spend(1);
    if (payload.size > 0) stream.incoming!.append(payload.bytes, payload.start, payload.end);
    if (stream.incoming!.received > (stream.announced ?? Infinity))
      throw new StreamError(code.protocolError, 'more data than announced');
    if (endStream) this.#endOfBody(stream);
    else if (stream.localClosed && stream.incoming!.received > this.context.limits.unwantedBytes)
      this.#stopBody(stream);
  }

  #headers(flags: number, id: number, payload: Payload): void {
    const head = this.#heads.headers(flags, id, payload, this.context.clock);
    if (head !== undefined) return this.#head(head);
    this.#spend(1);
  }

  #continuation(flags: number, payload: Payload): void {
    const head = this.#heads.continuation(flags, payload);
    if (head !== undefined) this.#head(head);
  }

  /** A head has come: of a new request, or the trailers of one. */
  #head({ id, endStream, fields, tooLarge, dependsOnItself }: WholeHead): void {
    const known = this.#streams.get(id);
    if (known !== undefined) return this.#trailers(known, fields, endStream);
    if (id <= this.#streams.lastId) {
      if (this.#streams.isForgiven(id)) return;
      throw new ConnectionError(code.streamClosed, 'a request with an old number');
    }
    this.#streams.began(id);
    if (dependsOnItself) throw new StreamError(code.protocolError, 'a request that depends on itself');
    if (this.#streams.busy >= this.context.limits.streams)
      throw new StreamError(code.refusedStream, 'too many requests at once');
    const request = tooLarge ? tooLargeHead : requestHead(fields, this.#knownFields);
    if (endStream && request.length !== undefined && request.length > 0)
      throw new StreamError(code.protocolError, 'less data than announced');
    const stream = new Http2Stream(this, id, request, endStream, this.#sender.initialWindow);
    if (!stream.headShare.set(request.bytes))
      throw new StreamError(code.refusedStream, 'the heads of other requests take all the room');
    this.#streams.add(stream);
    if (tooLarge) return stream.respond(431, {});
    stream.isHandled = true;
    handle(this.context.handler, stream, () => this.#streams.handled(stream));
  }

  #trailers(stream: Http2Stream, fields: readonly string[], endStream: boolean): void {
    if (stream.remoteClosed) throw new StreamError(code.streamClosed, 'headers behind the end of a request');
    if (!endStream) throw new StreamError(code.protocolError, 'trailers that do not end the request');
    checkTrailers(fields);
    this.#endOfBody(stream);
  }

  #endOfBody(stream: Http2Stream): void {
    if (stream.announced !== undefined && stream.incoming!.received !== stream.announced)
      throw new StreamError(code.protocolError, 'less data than announced');
    stream.remoteClosed = true;
    stream.incoming!.finish();
    if (stream.localClosed) this.#remove(stream, true);
  }

  #rstStream(id: number, payload: Payload): void {
    payload.expect(4, id !== 0 && id <= this.#streams.lastId);
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#remove(stream, stream.localClosed);
  }

  #settings(flags: number, id: number, payload: Payload): void {
    if ((flags & flag.ack) !== 0) return payload.expect(0, id === 0);
    const { tableBytes, frameBytes, initialWindow } = readSettings(payload, id);
    if (tableBytes !== undefined) this.#sender.limitTable(tableBytes);
    if (frameBytes !== undefined) this.#sender.limitFrames(frameBytes);
    if (initialWindow !== undefined) {
      const more = initialWindow - this.#sender.initialWindow;
      this.#sender.initialWindow = initialWindow;
      for (const stream of this.#streams.values())
        if (!stream.raiseWindow(more)) throw new ConnectionError(code.flowControlError, 'a window that is too large');
    }
    this.#hasSettings = true;
    this.#sender.acknowledgeSettings();
  }

  #windowUpdate(id: number, payload: Payload): void {
    payload.expect(4, id <= this.#streams.lastId);
    const bytes = payload.bytes.readUInt32BE(payload.start) & 0x7fffffff;
    if (id === 0) {
      if (bytes === 0) throw new ConnectionError(code.protocolError, 'a window update of 0');
      if (!this.#sender.raiseWindow(bytes)) throw new ConnectionError(code.flowControlError, 'a window too large');
      return;
    }
    if (bytes === 0) throw new StreamError(code.protocolError, 'a window update of 0');
    if (this.#streams.get(id)?.raiseWindow(bytes) === false)
      throw new StreamError(code.flowControlError, 'a window that is too large');
  }

  #creditConnection(bytes: number): void {
    if (this.#isOver) return;
    const told = this.#window.credit(bytes);
    if (told > 0) this.#sender.windowUpdate(0, told);
  }

  #evictWorst(): void {
    const isUrgent = this.#queued > 2 * this.context.limits.connectionBytes;
    this.#streams.worst(this.context.clock.monotonic(), isUrgent)?.evict();
  }

  #spend(amount: number): void {
    if (!this.#credit.spend(amount)) throw new ConnectionError(code.enhanceYourCalm, 'too many frames without work');
  }

  #resetId(id: number, errorCode: number): void {
    if (this.#isOver) return;
    this.#sender.reset(id, errorCode);
    this.#streams.forgive(id);
  }

  #remove(stream: Http2Stream, isComplete: boolean): void {
    if (!this.#streams.remove(stream, isComplete)) return;
    if (this.#streams.isEmpty) this.#idleSince = this.context.clock.monotonic();
    stream.headShare.set(0);
    stream.close(isComplete);
  }

  /** A client that goes ends all its connections at once, and all that it asked for on them. */
  async #closeStreams(): Promise<void> {
    this.#isOver = true;
    this.#partingSince ??= this.context.clock.monotonic();
    this.#headShare.set(0);
    for (const stream of this.#streams.values()) {
      if (this.#turns.isOver) await this.#turns.next();
      this.#remove(stream, stream.localClosed);
    }
  }

  /** Ends the connection, and says why. */
  #fail(errorCode: number, why: string): void {
    if (this.#isOver) return;
    this.#partingSince = this.context.clock.monotonic();
    this.#sender.goAway(this.#streams.lastId, errorCode, why);
    void this.#closeStreams();
    this.#sender.output.end();
  }
}
