import type { Connection, Exchange, ResponseStream, Upgrade } from '../../src/http/exchange.ts';
import { RequestHeaders, type ResponseHeaders } from '../../src/http/headers.ts';
import { BodyTooLargeError } from '../../src/http/exchange.ts';

export interface AskedInMemory {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  /** DER of the client's certificate. */
  readonly certificate?: Uint8Array;
  /** What an upgrade would get; without it the request is none. */
  readonly upgrade?: Upgrade;
}

/** A request and its answer without a socket: for tests that ask very many things. */
export class MemoryExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly connection: Connection;
  status = 0;
  answered: ResponseHeaders = {};
  /** The answer went on after its head. */
  isStream = false;
  readonly #aborter = new AbortController();
  readonly #parts: Uint8Array[] = [];
  readonly #body: Buffer;
  #upgrade: Upgrade | undefined;

  constructor(target: string, { method = 'GET', headers = {}, body, certificate, upgrade }: AskedInMemory = {}) {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    this.#body = Buffer.from(sent ?? '');
    this.#upgrade = upgrade;
    this.method = method;
    this.target = target;
    const typed = sent === undefined ? {} : { 'content-type': 'application/json' };
    this.headers = new RequestHeaders(Object.entries({ ...typed, ...headers }).flat());
    this.connection = {
      protocol: 'HTTP/1.1',
      peerCertificate: certificate,
      remoteAddress: '127.0.0.1',
      remotePort: 1,
    };
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  get clientHasGone(): boolean {
    return this.#aborter.signal.aborted;
  }

  get hasResponded(): boolean {
    return this.status !== 0;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }

  /** The client goes away. */
  leave(): void {
    this.#aborter.abort();
  }

  async readBody(limit: number): Promise<Buffer> {
    if (this.#body.length > limit) throw new BodyTooLargeError(limit);
    return this.#body;
  }

  async *body(): AsyncIterable<Buffer> {
    if (this.#body.length > 0) yield this.#body;
  }

  respond(status: number, headers: ResponseHeaders, ...parts: readonly Uint8Array[]): void {
    this.#begin(status, headers);
    if (this.method !== 'HEAD') this.#parts.push(...parts);
  }

  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.#begin(status, headers);
    this.isStream = true;
    return {
      write: (...parts) => {
        // As they are now: nothing waits here, so that they may be written over.
        this.#parts.push(...parts.map((part) => Uint8Array.from(part)));
        return true;
      },
      drained: () => Promise.resolve(),
      bufferedBytes: 0,
      end() {},
      destroy() {},
    };
  }

  upgrade(): Upgrade | undefined {
    const upgrade = this.#upgrade;
    this.#upgrade = undefined;
    if (upgrade !== undefined) this.status = 101;
    return upgrade;
  }

  #begin(status: number, headers: ResponseHeaders): void {
    if (this.hasResponded) throw new Error(`Cannot answer "${this.target}": an answer has begun already`);
    this.status = status;
    this.answered = headers;
  }
}
