import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Connection, Exchange, ResponseStream, Upgrade } from '../../http/exchange.ts';
import type { RequestHeaders, ResponseHeaders } from '../../http/headers.ts';
import { webSocketProtocols } from './backend-headers.ts';
import { isUpgrade } from './proxy-request.ts';
import { SocketQueue } from './socket-queue.ts';
import { FrameReader, frameHead } from './websocket-frames.ts';

/** How what is streamed becomes messages. */
export interface MessageForm {
  /** The protocols that a client may ask for; it may ask for none. */
  readonly protocols: readonly string[];
  /** Refuses clients that do not say whose page they are, as Kubernetes does for watches. */
  readonly needsOrigin: boolean;
  /**
   * `lines`: a text for each line. `frames`: the bytes of each frame, without the four bytes before it that tell its
   * length. `parts`: the bytes of each part as they come, after an empty message.
   */
  readonly messages: 'lines' | 'frames' | 'parts';
}

/** A watch: each event is a text. Kubernetes takes any protocol, if it is one. */
export const watchMessages: MessageForm = { protocols: [], needsOrigin: true, messages: 'lines' };
/** The same in protobuf. */
export const binaryWatchMessages: MessageForm = { ...watchMessages, messages: 'frames' };
/** A log: its bytes, or their base64 form, in messages that mean nothing. */
export const logMessages: MessageForm = {
  protocols: ['binary.k8s.io', 'base64.binary.k8s.io'],
  needsOrigin: false,
  messages: 'parts',
};

/** So much may wait for one stream before its writer is asked to pause, in bytes. */
const streamShare = 256 * 1024;
/** Pings are answered while no more than this waits. */
const mostPongs = 16 * 1024;
const key = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const newline = 0x0a;

/** Whether the client wants to be answered over a WebSocket. */
export function isWebSocket(exchange: Pick<Exchange, 'headers' | 'connection'>): boolean {
  return isUpgrade(exchange) && exchange.headers.get('upgrade')!.toLowerCase() === 'websocket';
}

/**
 * The exchange as one whose streamed answer with status 200 goes over a WebSocket: the handler need not know. Other answers
 * refuse the upgrade. What the client sends means nothing; when it closes, the exchange is over.
 */
export class WebSocketExchange implements Exchange {
  readonly #inner: Exchange;
  readonly #form: MessageForm;
  readonly #aborter = new AbortController();

  constructor(inner: Exchange, form: MessageForm) {
    this.#inner = inner;
    this.#form = form;
    const { signal } = inner;
    if (signal.aborted) this.#aborter.abort(signal.reason);
    else signal.addEventListener('abort', () => this.#aborter.abort(signal.reason), { once: true });
  }

  get method(): string {
    return this.#inner.method;
  }
  get target(): string {
    return this.#inner.target;
  }
  get headers(): RequestHeaders {
    return this.#inner.headers;
  }
  get connection(): Connection {
    return this.#inner.connection;
  }
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }
  get clientHasGone(): boolean {
    return this.#aborter.signal.aborted;
  }

  get hasResponded(): boolean {
    return this.#inner.hasResponded;
  }
  readBody(limit: number): Promise<Buffer> {
    return this.#inner.readBody(limit);
  }
  body(): AsyncIterable<Buffer> {
    return this.#inner.body();
  }
  upgrade(): Upgrade | undefined {
    return undefined;
  }
  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.#inner.respond(status, headers, ...parts);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    const refusal = status === 200 ? this.#refusal() : undefined;
    if (refusal !== undefined) {
      this.#inner.respond(refusal.code, refusal.headers ?? {}, Buffer.from(refusal.text));
      this.#aborter.abort(new Error('the client was refused'));
      return nowhere;
    }
    const upgrade = status === 200 ? this.#inner.upgrade() : undefined;
    if (upgrade === undefined) return this.#inner.stream(status, headers);
    const [protocol] = this.#agreed();
    const { socket, head } = upgrade;
    const accept = createHash('sha1')
      .update(`${this.headers.get('sec-websocket-key')}${key}`)
      .digest('base64');
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    lines.push(`Sec-WebSocket-Accept: ${accept}`);
    if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const stream = new MessageStream(socket, this.#form, protocol === 'base64.binary.k8s.io', this.#aborter);
    const reader = new FrameReader(stream);
    if (head.length > 0) reader.take(head);
    socket.on('data', (part: Buffer) => reader.take(part));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#aborter.abort(new Error('the client closed the connection')));
    return stream;
  }

  /** The protocols that both know, in the client's order. */
  #agreed(): string[] {
    const asked = webSocketProtocols(this.headers);
    const { protocols } = this.#form;
    return protocols.length === 0 ? asked : asked.filter((one) => protocols.includes(one));
  }

  #refusal(): { code: number; headers?: ResponseHeaders; text: string } | undefined {
    const { headers } = this;
    if (headers.get('sec-websocket-version') !== '13')
      return { code: 400, headers: { 'sec-websocket-version': '13' }, text: 'missing or bad WebSocket Version' };
    if (!headers.get('sec-websocket-key')) return { code: 400, text: 'challenge response' };
    if (this.#form.needsOrigin && headers.get('origin') === undefined) return { code: 403, text: '' };
    const [asked, agreed] = [webSocketProtocols(headers), this.#agreed()];
    const isRefused = asked.length > 0 && (this.#form.protocols.length === 0 ? asked.length > 1 : agreed.length === 0);
    return isRefused ? { code: 403, text: '' } : undefined;
  }
}

/** An answer in messages. */
class MessageStream implements ResponseStream {
  readonly #socket: Duplex;
  readonly #queue: SocketQueue;
  readonly #form: MessageForm;
  readonly #isBase64: boolean;
  readonly #aborter: AbortController;
  /** The beginning of a line or frame whose end is still to come. */
  #line: Buffer[] = [];

  constructor(socket: Duplex, form: MessageForm, isBase64: boolean, aborter: AbortController) {
    this.#socket = socket;
    this.#queue = new SocketQueue(socket);
    this.#form = form;
    this.#isBase64 = isBase64;
    this.#aborter = aborter;
    if (form.messages === 'parts') this.#send(Buffer.alloc(0));
  }

  get bufferedBytes(): number {
    return this.#queue.bytes;
  }

  write(...parts: readonly Uint8Array[]): boolean {
    for (const part of parts) {
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      if (this.#form.messages === 'lines') this.#lines(bytes);
      else if (this.#form.messages === 'frames') this.#frames(bytes);
      else if (bytes.length > 0) this.#send(bytes);
    }
    return this.bufferedBytes <= streamShare;
  }

  drained(): Promise<void> {
    return this.#queue.belowOrGone(streamShare);
  }

  end(): void {
    this.#queue.push(frameHead('close', 2), Buffer.of(0x03, 0xe8)); // 1000: done
    this.#queue.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ping(payload: Buffer): void {
    // Who pings and does not read gets no answers any more.
    if (this.bufferedBytes <= mostPongs) this.#queue.push(frameHead('pong', payload.length), payload);
  }

  close(): void {
    this.#aborter.abort(new Error('the client closed the connection'));
    this.end();
  }

  #lines(bytes: Buffer): void {
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(newline, from);
      const piece = bytes.subarray(from, end < 0 ? bytes.length : end + 1);
      this.#line.push(piece);
      from += piece.length;
      if (end < 0) return;
      this.#send(this.#line.length === 1 ? this.#line[0]! : Buffer.concat(this.#line));
      this.#line = [];
    }
  }

  #frames(bytes: Buffer): void {
    this.#line.push(bytes);
    let rest = this.#line.length === 1 ? bytes : Buffer.concat(this.#line);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      this.#send(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    this.#line = rest.length === 0 ? [] : [rest];
  }

  #send(bytes: Buffer): void {
    const isText = this.#form.messages === 'lines' || this.#isBase64;
    const payload = this.#isBase64 ? Buffer.from(bytes.toString('base64')) : bytes;
    this.#queue.push(frameHead(isText ? 'text' : 'binary', payload.length), payload);
  }
}

/** Of an answer that was refused. */
const nowhere: ResponseStream = {
  write: () => true,
  drained: () => Promise.resolve(),
  bufferedBytes: 0,
  end: () => {},
  destroy: () => {},
};
