import type { Exchange, ResponseStream, Upgrade } from '../exchange.ts';
import type { ResponseHeaders } from '../headers.ts';
import { IncomingBody, type BodySource } from '../incoming-body.ts';
import { hasBody } from '../response-head.ts';
import { ServerExchange, sizeOf, type ServerExchangeOwner } from '../server-exchange.ts';
import type { RequestHead } from './request-head.ts';

/** How the end of an answer is found. */
export type Framing = 'length' | 'chunks' | 'close' | 'none';

/** What an exchange asks of its connection. */
export interface ExchangeOwner extends ServerExchangeOwner {
  head(status: number, headers: ResponseHeaders, framing: Framing, length: number): void;
  /** Writes parts at once when nothing is in the way; false: they have to wait. */
  writeNow(exchange: Http1Exchange, parts: readonly Uint8Array[], size: number): boolean;
  becomesReady(): void;
  /** The answer is complete. */
  answered(): void;
  /** A reader waits for the body of a client that waits to be asked for it. */
  continue(): void;
  consumed(bytes: number): void;
  breakOff(): void;
  takeOver(): Upgrade;
}

/** One request on an HTTP/1.1 connection, and the answer to it. */
export class Http1Exchange extends ServerExchange<ExchangeOwner> implements Exchange, ResponseStream, BodySource {
  readonly request: RequestHead;
  readonly incoming: IncomingBody | undefined;
  framing: Framing = 'none';
  isAnswered = false;
  /** Of a stream whose length was announced: what is still to be written. */
  #left: number | undefined;

  constructor(owner: ExchangeOwner, request: RequestHead) {
    super(owner, request);
    this.request = request;
    const { bodies, clock } = owner.context;
    this.incoming = request.length === 0 ? undefined : new IncomingBody(this, bodies, clock);
  }

  readBody(limit: number): Promise<Buffer> {
    const { length } = this.request;
    if (this.incoming === undefined) return Promise.resolve(Buffer.alloc(0));
    return this.incoming.readAll(limit, length === 'chunked' ? undefined : length);
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.begin();
    if (this.isGone) return;
    const size = sizeOf(parts);
    this.framing = hasBody(status) ? 'length' : 'none';
    this.owner.head(status, headers, this.framing, size);
    this.isEnding = true;
    if (size === 0 || this.method === 'HEAD' || !hasBody(status)) return this.owner.answered();
    this.#send(parts, size);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.begin();
    if (this.isGone) return this;
    const { 'content-length': known, ...others } = headers;
    if (known !== undefined && hasBody(status)) {
      this.framing = 'length';
      this.#left = Number(known);
      this.owner.head(status, others, this.framing, this.#left);
    } else {
      this.framing = !hasBody(status) ? 'none' : this.request.isHttp10 ? 'close' : 'chunks';
      this.owner.head(status, headers, this.framing, 0);
    }
    if (this.method === 'HEAD') this.framing = 'none';
    return this;
  }

  upgrade(): Upgrade | undefined {
    if (!this.request.wantsUpgrade || this.hasResponded || this.isGone) return undefined;
    this.begin();
    return this.owner.takeOver();
  }

  write(...parts: readonly Uint8Array[]): boolean {
    if (this.isGone || this.isEnding || this.framing === 'none') return true;
    const size = sizeOf(parts);
    // What is more than was announced would be taken for the next answer.
    if (this.#left !== undefined && (this.#left -= size) < 0) {
      this.destroy();
      return true;
    }
    if (size > 0) this.#send(parts, size);
    return this.hasRoom;
  }

  end(): void {
    if (this.isGone || this.isEnding) return;
    if (this.framing === 'length' && this.#left !== undefined && this.#left > 0) return this.destroy();
    this.isEnding = true;
    if (this.queue.bytes === 0) this.owner.answered();
  }

  destroy(): void {
    if (!this.isAnswered && !this.isGone) this.owner.breakOff();
  }

  evict(): void {
    this.owner.breakOff();
  }

  /** Ends what the handler left without an answer. */
  fail(): void {
    if (this.isGone || this.isAnswered) return;
    if (this.hasResponded) this.destroy();
    else this.respond(500, {});
  }

  wanted(): void {
    if (!this.hasResponded && !this.isGone) this.owner.continue();
  }

  consumed(bytes: number): void {
    this.owner.consumed(bytes);
  }

  protected get goneText(): string {
    return 'the client closed the connection';
  }

  protected waits(bytes: number): void {
    const { writes } = this.owner.context;
    if (bytes > 0) writes.add(this, bytes);
    else writes.remove(this, -bytes);
  }

  #send(parts: readonly Uint8Array[], size: number): void {
    if (this.queue.bytes === 0 && this.owner.writeNow(this, parts, size)) return;
    this.enqueue(parts);
    this.owner.becomesReady();
    this.waits(size);
  }
}
