import { STATUS_CODES } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { ByteShare } from '../byte-budget.ts';
import { Turns } from '../../base/turns.ts';
import type { Connection, Upgrade } from '../exchange.ts';
import { RequestHeaders, type ResponseHeaders } from '../headers.ts';
import { batchBytes, Output } from '../output.ts';
import { headerFields } from '../response-head.ts';
import { connectionOf, handle, type ServerConnection, type ServerContext } from '../server-context.ts';
import { bodyDecoder, type BodyDecoder } from './body-decoder.ts';
import { Http1Exchange, type ExchangeOwner, type Framing } from './exchange.ts';
import { Inbox } from './inbox.ts';
import { BadRequestError, requestHead, type RequestHead } from './request-head.ts';

/** Requests that were sent ahead, between two looks at the time. */
const fewRequests = 8;
/** A head of so many letters is kept to know it again: clients often send the same one, with another body. */
const longestKnownHead = 2048;
/** How long a client may take to see that its connection has ended. */
const partingMs = 1000;

/** An HTTP/1.1 connection (RFC 9112): one request after the other. */
export class Http1Connection implements ServerConnection, ExchangeOwner {
  readonly context: ServerContext;
  readonly connection: Connection;
  readonly #socket: TLSSocket;
  readonly #output: Output;
  readonly #inbox = new Inbox();
  readonly #headShare: ByteShare;
  /** Of the present request. */
  #headBytes = 0;
  /** The last head, if it is short. */
  #before: { readonly text: string; readonly head: RequestHead } | undefined;
  #exchange: Http1Exchange | undefined;
  #decoder: BodyDecoder | undefined;
  /** Bytes of the body that nobody has read. */
  #unread = 0;
  #isPaused = false;
  /** Since when it does not listen, because of what the client has sent behind the present request. */
  #crowdedSince: number | undefined;
  #hasContinued = false;
  readonly #turns: Turns;
  #sentAhead = 0;
  #waitsForTurn = false;
  /** The connection ends behind the present answer. */
  #isLast = false;
  #hadRequest = false;
  /** Since when it waits for a request, for the rest of a head, or for the rest of an answered body. */
  #since: number;
  #partingSince: number | undefined;
  #isTakenOver = false;
  readonly #onData = (chunk: Buffer): void => this.#receive(chunk);

  constructor(socket: TLSSocket, context: ServerContext) {
    this.context = context;
    this.connection = connectionOf(socket, 'HTTP/1.1');
    this.#socket = socket;
    this.#output = new Output(socket, context, () => this.#fill());
    this.#headShare = new ByteShare(context.heads, context.limits.freeHeadBytes);
    this.#turns = Turns.of(context.clock);
    this.#since = context.clock.monotonic();
    socket.on('data', this.#onData);
    socket.on('close', () => {
      this.#exchange?.close(false);
      this.#headShare.set(0);
    });
  }

  sweep(now: number): void {
    const { headMs, idleMs, stallMs, bodyGraceMs } = this.context.limits;
    if (this.#isTakenOver) return;
    const waitedMs = now - this.#since;
    const stalledMs = this.#output.stalledMs(now);
    if (stalledMs > stallMs) return void this.#socket.destroy();
    if (this.#partingSince !== undefined) {
      // Whoever takes his answer slowly gets the end of it too.
      if (stalledMs > 0) this.#partingSince = now;
      else if (now - this.#partingSince > partingMs) return void this.#socket.destroy();
    }
    // Whoever does not listen does not hear that the client has gone.
    if (this.#crowdedSince !== undefined && now - this.#crowdedSince > bodyGraceMs) return void this.#socket.destroy();
    this.#exchange?.incoming?.checkPace(now, this.context.limits);
    if (this.#exchange !== undefined) {
      if (this.#exchange.isAnswered && waitedMs > bodyGraceMs) this.#part();
    } else if (this.#inbox.size > 0) {
      if (waitedMs > headMs) this.#refuse(new BadRequestError(408, 'the head of the request comes too slowly'));
    } else if (waitedMs > (this.#hadRequest ? idleMs : headMs)) this.#part();
  }

  close(): void {
    this.#exchange?.close(false);
    this.#socket.destroy();
  }

  head(status: number, headers: ResponseHeaders, framing: Framing, length: number): void {
    const fields = headerFields(headers);
    const { request, incoming } = this.#exchange!;
    const rest = request.length === 'chunked' ? 0 : request.length - (incoming?.received ?? 0);
    // A body that is too long to be read for nothing, or that the client may now send or not, ends the connection.
    const isUnasked = request.expectsContinue && !this.#hasContinued;
    const saysClose = headers['connection'] === 'close';
    if (
      rest > this.context.limits.unwantedBytes ||
      isUnasked ||
      !request.keepsAlive ||
      request.wantsUpgrade ||
      saysClose
    )
      this.#isLast = true;
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    for (let at = 0; at < fields.length; at += 2) text += `${fields[at]}: ${fields[at + 1]}\r\n`;
    text += `date: ${this.context.date()}\r\n`;
    if (framing === 'length') text += `content-length: ${length}\r\n`;
    else if (framing === 'chunks') text += 'transfer-encoding: chunked\r\n';
    if (!saysClose && (this.#isLast || framing === 'close')) text += 'connection: close\r\n';
    this.#output.writer.latin1(`${text}\r\n`);
    this.#output.schedule();
  }

  writeNow(exchange: Http1Exchange, parts: readonly Uint8Array[], size: number): boolean {
    if (!this.#output.hasRoom || size > batchBytes) return false;
    // Parts of a stream wait for the end of the turn, so that they become one chunk.
    if (exchange.framing === 'chunks') return false;
    for (const part of parts) this.#output.writer.bytes(part);
    this.#output.schedule();
    if (exchange.isEnding) this.answered();
    return true;
  }

  becomesReady(): void {
    this.#output.schedule();
  }

  answered(): void {
    const exchange = this.#exchange!;
    if (exchange.framing === 'chunks') this.#output.writer.latin1('0\r\n\r\n');
    if (exchange.framing === 'close') this.#isLast = true;
    this.#output.schedule();
    exchange.isAnswered = true;
    this.#since = this.context.clock.monotonic();
    if (this.#isLast) return this.#part();
    exchange.incoming?.drop(() => new Error('Cannot read the body: the request has been answered'));
    if (this.#decoder === undefined || this.#decoder.isDone) this.#next();
  }

  continue(): void {
    if (!this.#exchange!.request.expectsContinue || this.#hasContinued) return;
    this.#hasContinued = true;
    this.#output.writer.latin1('HTTP/1.1 100 Continue\r\n\r\n');
    this.#output.schedule();
  }

  consumed(bytes: number): void {
    this.#unread -= bytes;
    this.#steer();
  }

  breakOff(): void {
    this.#exchange?.close(false);
    this.#socket.destroy();
  }

  takeOver(): Upgrade {
    this.#isTakenOver = true;
    this.#output.flushNow();
    this.#socket.removeListener('data', this.#onData);
    // As before anybody listened: it flows when somebody does.
    (this.#socket as { readableFlowing: boolean | null }).readableFlowing = null;
    return { socket: this.#socket, head: Buffer.from(this.#inbox.take()) };
  }

  #receive(chunk: Buffer): void {
    if (this.#partingSince !== undefined) return;
    if (this.#inbox.size === 0 && this.#exchange === undefined) this.#since = this.context.clock.monotonic();
    this.#inbox.append(chunk);
    this.#proceed();
  }

  /** Reads on as far as the bytes and the present request allow. */
  #proceed(): void {
    try {
      while (this.#partingSince === undefined && !this.#isTakenOver) {
        if (this.#exchange === undefined) {
          if (this.#waitsForTurn) break;
          const head = this.#readHead();
          if (head === undefined) break;
          this.#begin(head);
        } else if (this.#decoder === undefined || this.#decoder.isDone) break;
        else if (!this.#readBody(this.#decoder)) break;
      }
      if (this.#partingSince === undefined) this.#holdHeads();
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      this.#refuse(error);
    }
    this.#steer();
  }

  #readHead(): RequestHead | undefined {
    const { headerBytes, headers } = this.context.limits;
    const text = this.#inbox.takeHead(headerBytes);
    if (text === undefined) return undefined;
    this.#headBytes = text.length;
    this.#holdHeads();
    let head = this.#before?.head;
    if (head === undefined || text !== this.#before?.text) {
      head = requestHead(text, headers);
      this.#before = text.length > longestKnownHead ? undefined : { text, head };
    }
    // Whoever looks at a request may take headers off: they are its own.
    return { ...head, headers: new RequestHeaders(head.headers.raw) };
  }

  #holdHeads(): void {
    if (!this.#headShare.set(this.#inbox.heldBytes + this.#headBytes))
      throw new BadRequestError(503, 'the heads of other requests take all the room');
  }

  #begin(head: RequestHead): void {
    const exchange = new Http1Exchange(this, head);
    this.#exchange = exchange;
    this.#hadRequest = true;
    this.#hasContinued = false;
    this.#isLast = false;
    this.#crowdedSince = undefined;
    if (head.length !== 0)
      this.#decoder = bodyDecoder(head.length, this.context.limits.headerBytes, (bytes, start, end) => {
        this.#unread += end - start;
        exchange.incoming!.append(bytes, start, end);
      });
    handle(this.context.handler, exchange, () => {});
  }

  /** False: there is nothing to read now. */
  #readBody(decoder: BodyDecoder): boolean {
    const exchange = this.#exchange!;
    this.#inbox.feed((bytes, start, end) => decoder.feed(bytes, start, end));
    if (exchange.isAnswered && exchange.incoming!.received > this.context.limits.unwantedBytes) this.#part();
    if (!decoder.isDone) return false;
    exchange.incoming!.finish();
    if (exchange.isAnswered && this.#partingSince === undefined) this.#next();
    return true;
  }

  /** The present request is over, the connection is not. */
  #next(): void {
    this.#exchange!.close(true);
    this.#exchange = undefined;
    this.#decoder = undefined;
    this.#headBytes = 0;
    this.#since = this.context.clock.monotonic();
    if (this.#inbox.size === 0) return;
    if (++this.#sentAhead % fewRequests === 0 && this.#turns.isOver) return this.#waitForTurn();
    queueMicrotask(() => this.#proceed());
  }

  /** Requests that are sent ahead of their answers must not keep others waiting. */
  #waitForTurn(): void {
    this.#waitsForTurn = true;
    void this.#turns.next().then(() => {
      this.#waitsForTurn = false;
      if (!this.#socket.destroyed) this.#proceed();
    });
  }

  /** Listens to the client no faster than its body is read, nor to requests far ahead of their answers. */
  #steer(): void {
    const { streamWindowBytes } = this.context.limits;
    const isCrowded = (this.#exchange !== undefined || this.#waitsForTurn) && this.#inbox.size > batchBytes;
    if (isCrowded !== (this.#crowdedSince !== undefined))
      this.#crowdedSince = isCrowded ? this.context.clock.monotonic() : undefined;
    const mustPause = this.#unread >= streamWindowBytes || isCrowded;
    if (mustPause === this.#isPaused || this.#isTakenOver) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#socket.pause();
    else this.#socket.resume();
  }

  #fill(): void {
    const exchange = this.#exchange;
    const { writer } = this.#output;
    if (exchange === undefined || exchange.isAnswered || exchange.queue.bytes === 0) return;
    const size = Math.min(exchange.queue.bytes, batchBytes);
    const isChunk = exchange.framing === 'chunks';
    if (isChunk) writer.latin1(`${size.toString(16)}\r\n`);
    exchange.queue.moveTo(writer, size);
    if (isChunk) writer.latin1('\r\n');
    this.context.writes.remove(exchange, size);
    exchange.progressed(this.context.clock.monotonic());
    if (exchange.queue.bytes === 0 && exchange.isEnding) this.answered();
  }

  /** Answers what cannot be read, and ends the connection. */
  #refuse({ status, message }: BadRequestError): void {
    if (this.#partingSince !== undefined) return;
    if (this.#exchange === undefined || !this.#exchange.hasResponded) {
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n`;
      this.#output.writer.latin1(`${head}content-length: ${message.length}\r\nconnection: close\r\n\r\n${message}`);
    }
    this.#part();
  }

  /** Ends the connection, and lets the client read the end of its answer first. */
  #part(): void {
    if (this.#partingSince !== undefined) return;
    this.#partingSince = this.context.clock.monotonic();
    this.#exchange?.close(this.#exchange.isAnswered);
    this.#inbox.take();
    if (this.#isPaused) this.#socket.resume();
    this.#output.end();
  }
}
