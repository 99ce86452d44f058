import { ByteShare } from '../byte-budget.ts';
import type { Exchange, ResponseStream } from '../exchange.ts';
import type { ResponseHeaders } from '../headers.ts';
import { IncomingBody, type BodySource } from '../incoming-body.ts';
import { hasBody } from '../response-head.ts';
import { ServerExchange, sizeOf, type ServerExchangeOwner } from '../server-exchange.ts';
import { code, largestWindow } from './protocol.ts';
import type { RequestHead } from './request-head.ts';

/** What a stream asks of its connection. */
export interface StreamOwner extends ServerExchangeOwner {
  /** Writes the head of an answer. */
  head(stream: Http2Stream, status: number, headers: ResponseHeaders, length: number | undefined, end: boolean): void;
  /** Writes parts at once when nothing is in the way; false: they have to wait. */
  writeNow(stream: Http2Stream, parts: readonly Uint8Array[], size: number, end: boolean): boolean;
  /** The stream has something to send. */
  becomesReady(stream: Http2Stream): void;
  /** The stream's queue has lost or got bytes; positive: more wait. */
  waits(stream: Http2Stream, bytes: number): void;
  /** Lets the client send so many bytes more. */
  credit(stream: Http2Stream, bytes: number): void;
  reset(stream: Http2Stream, errorCode: number): void;
  /** The answer is complete; the request may not be. */
  answered(stream: Http2Stream): void;
}

/** One stream of an HTTP/2 connection: a request, and the answer to it. */
export class Http2Stream extends ServerExchange<StreamOwner> implements Exchange, ResponseStream, BodySource {
  readonly id: number;
  /** What `content-length` announced. */
  readonly announced: number | undefined;
  readonly incoming: IncomingBody | undefined;
  /** Bytes that we may send, and that the peer may. */
  sendWindow: number;
  receiveWindow: number;
  /** Taken bytes that the peer was not told of yet. */
  uncredited = 0;
  /** Whether the connection has it in its line of those with something to send. */
  isReady = false;
  /** The peer has sent all. */
  remoteClosed: boolean;
  /** We have sent all. */
  localClosed = false;
  localClosedAt = 0;
  /** Its handler runs; and it does so for nobody. */
  isHandled = false;
  isAbandoned = false;
  readonly headShare: ByteShare;
  #isSilent = false;

  constructor(owner: StreamOwner, id: number, head: RequestHead, remoteClosed: boolean, sendWindow: number) {
    super(owner, head);
    const { limits, heads, bodies, clock } = owner.context;
    this.id = id;
    this.announced = head.length;
    this.remoteClosed = remoteClosed;
    this.sendWindow = sendWindow;
    this.receiveWindow = limits.streamWindowBytes;
    this.headShare = new ByteShare(heads, limits.freeHeadBytes);
    this.incoming = remoteClosed ? undefined : new IncomingBody(this, bodies, clock);
  }

  readBody(limit: number): Promise<Buffer> {
    return this.incoming?.readAll(limit, this.announced) ?? Promise.resolve(Buffer.alloc(0));
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.begin();
    if (this.isGone) return;
    const size = sizeOf(parts);
    const isEmpty = size === 0 || this.method === 'HEAD' || !hasBody(status);
    this.owner.head(this, status, headers, hasBody(status) ? size : undefined, isEmpty);
    if (!isEmpty) this.#send(parts, size, true);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.begin();
    this.#isSilent = this.method === 'HEAD' || !hasBody(status);
    if (!this.isGone) this.owner.head(this, status, headers, undefined, this.#isSilent);
    return this;
  }

  upgrade(): undefined {
    return undefined;
  }

  write(...parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.isEnding || this.#isSilent) return true;
    const size = sizeOf(parts);
    if (size > 0) this.#send(parts, size, false);
    return this.hasRoom;
  }

  end(): void {
    if (this.isGone || this.isEnding || this.localClosed) return;
    if (this.queue.bytes > 0 || !this.owner.writeNow(this, [], 0, true)) {
      this.isEnding = true;
      this.owner.becomesReady(this);
    }
  }

  destroy(): void {
    if (!this.localClosed) this.owner.reset(this, code.internalError);
  }

  evict(): void {
    this.owner.reset(this, code.enhanceYourCalm);
  }

  /** Ends what the handler left without an answer. */
  fail(): void {
    if (this.isGone) return;
    if (this.hasResponded) this.destroy();
    else this.respond(500, {});
  }

  wanted(): void {
    if (this.headers.get('expect')?.toLowerCase() === '100-continue' && !this.hasResponded && !this.isGone)
      this.owner.head(this, 100, {}, undefined, false);
  }

  consumed(bytes: number): void {
    if (bytes > 0) this.owner.credit(this, bytes);
  }

  /** The peer lets us send so many bytes more (less, after a change of its settings). Answers false for too many. */
  raiseWindow(bytes: number): boolean {
    this.sendWindow += bytes;
    if (this.sendWindow > largestWindow) return false;
    if (this.sendWindow > 0 && this.queue.bytes > 0) this.owner.becomesReady(this);
    return true;
  }

  protected get goneText(): string {
    return 'the client closed the connection, or took its request back';
  }

  protected waits(bytes: number): void {
    this.owner.waits(this, bytes);
  }

  #send(parts: readonly Uint8Array[], size: number, end: boolean): void {
    if (this.queue.bytes === 0 && this.owner.writeNow(this, parts, size, end)) return;
    if (end) this.isEnding = true;
    this.enqueue(parts);
    this.owner.becomesReady(this);
    this.waits(size);
  }
}
