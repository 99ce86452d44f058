import { connect, type ClientHttp2Session } from 'node:http2';
import { Agent, request } from 'node:https';
import { systemClock } from '../../src/base/system-clock.ts';
import type { FuzzRequest } from './requests.ts';

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  /** The first bytes of the body. */
  readonly text: string;
  readonly bytes: number;
  readonly ms: number;
}

/** More of an answer is counted, not kept. */
const keptBytes = 64 * 1024;
/** A request that is not answered by then hangs. */
const patienceMs = 20_000;

/** Sends requests as one client does who keeps a connection of each protocol. */
export class Sender implements Disposable {
  readonly #where: { readonly host: string; readonly port: number; readonly ca: string };
  readonly #identity: Identity | undefined;
  readonly #agent: Agent;
  #session: ClientHttp2Session | undefined;

  constructor(url: string, ca: string, identity: Identity | undefined) {
    const { hostname, port } = new URL(url);
    this.#where = { host: hostname, port: Number(port), ca };
    this.#identity = identity;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** Rejects when the connection breaks before there is an answer, and when there is none in time. */
  send(fuzz: FuzzRequest): Promise<FuzzAnswer> {
    return fuzz.protocol === 'HTTP/2' ? this.#overHttp2(fuzz) : this.#overHttp1(fuzz);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#session?.destroy();
  }

  #overHttp1({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
    const began = systemClock.monotonic();
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const call = request({
        ...this.#where,
        ...this.#identity,
        agent: this.#agent,
        method,
        path,
        headers: { ...headers, ...length },
      });
      const timer = systemClock.setTimer(patienceMs, () =>
        call.destroy(new Error(`no answer within ${patienceMs} ms`)),
      );
      const collected = new Collected((answer) => {
        timer.cancel();
        resolve({ ...answer, ms: systemClock.monotonic() - began });
      });
      call.on('response', (answer) => {
        const { statusCode = 0, headers: given } = answer;
        collected.head(statusCode, given['content-type'] ?? '');
        answer.on('data', (chunk: Buffer) => collected.add(chunk)).on('end', () => collected.end());
        answer.on('error', (error) => (timer.cancel(), reject(error)));
      });
      call.on('error', (error) => (timer.cancel(), reject(error)));
      call.end(body);
    });
  }

  #overHttp2({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
    const began = systemClock.monotonic();
    return new Promise((resolve, reject) => {
      const call = this.#open().request(
        { ...headers, ':method': method, ':path': path },
        { endStream: body === undefined },
      );
      const timer = systemClock.setTimer(patienceMs, () =>
        call.destroy(new Error(`no answer within ${patienceMs} ms`)),
      );
      const collected = new Collected((answer) => {
        timer.cancel();
        resolve({ ...answer, ms: systemClock.monotonic() - began });
      });
      call.on('response', (given) => collected.head(Number(given[':status']), String(given['content-type'] ?? '')));
      call.on('data', (chunk: Buffer) => collected.add(chunk)).on('end', () => collected.end());
      call.on('error', (error) => (timer.cancel(), reject(error)));
      call.on('close', () => (timer.cancel(), reject(new Error(`closed with code ${call.rstCode} before the end`))));
      if (body !== undefined) call.end(body);
    });
  }

  #open(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      const { host, port, ca } = this.#where;
      this.#session = connect(`https://${host}:${port}`, { ca, ...this.#identity });
      this.#session.on('error', () => {});
    }
    return this.#session;
  }
}

class Collected {
  readonly #done: (answer: Omit<FuzzAnswer, 'ms'>) => void;
  readonly #parts: Buffer[] = [];
  #status = 0;
  #contentType = '';
  #kept = 0;
  #bytes = 0;

  constructor(done: (answer: Omit<FuzzAnswer, 'ms'>) => void) {
    this.#done = done;
  }

  head(status: number, contentType: string): void {
    this.#status = status;
    this.#contentType = contentType;
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#kept >= keptBytes) return;
    this.#parts.push(chunk);
    this.#kept += chunk.length;
  }

  end(): void {
    const text = Buffer.concat(this.#parts).toString();
    this.#done({ status: this.#status, contentType: this.#contentType, text, bytes: this.#bytes });
  }
}
