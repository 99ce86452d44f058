import type { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { BodyBudget } from './body-budget.ts';
import { ByteBudget } from './byte-budget.ts';
import { BufferPool } from './byte-writer.ts';
import type { Connection, Exchange, Handler } from './exchange.ts';
import type { HttpLimits } from './limits.ts';
import { WriteBudget } from './write-budget.ts';

/** What the connections of one server share. */
export interface ServerContext {
  readonly limits: HttpLimits;
  readonly clock: Clock;
  readonly handler: Handler;
  readonly pool: BufferPool;
  /** Of heads: those that are coming, and those of requests that are under way. */
  readonly heads: ByteBudget;
  /** Of bodies that are being read. */
  readonly bodies: BodyBudget;
  readonly writes: WriteBudget;
  /** Now, as the `date` header shows it. */
  date(): string;
}

/** A connection as its server sees it. */
export interface ServerConnection {
  /** Called each second. */
  sweep(now: number): void;
  /** Ends it at once; HTTP/2 clients are told that nothing more is answered. */
  close(): void;
}

export function createServerContext(limits: HttpLimits, clock: Clock, handler: Handler): ServerContext {
  let second = 0;
  let text = '';
  return {
    limits,
    clock,
    handler,
    pool: new BufferPool(
      { size: 4 * 1024, most: 1024 },
      { size: 16 * 1024, most: 128 },
      { size: 128 * 1024, most: 16 },
    ),
    heads: new ByteBudget(limits.headBytes),
    bodies: new BodyBudget(limits.bodyBytes),
    writes: new WriteBudget(limits.writeBytes, clock),
    date() {
      const now = clock.now();
      if (now - second >= 1000 || now < second) {
        second = now - (now % 1000);
        text = new Date(now).toUTCString();
      }
      return text;
    },
  };
}

/** A connection as exchanges show it. */
export function connectionOf(socket: TLSSocket, protocol: Connection['protocol']): Connection {
  return {
    protocol,
    peerCertificate: socket.getPeerX509Certificate()?.raw,
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
  };
}

/** Lets the handler answer; what it throws becomes an answer too, or breaks off the one that has begun. */
export function handle(handler: Handler, exchange: Exchange & { fail(): void }, done: () => void): void {
  let result: void | Promise<void> = undefined;
  try {
    result = handler(exchange);
  } catch {
    exchange.fail();
  }
  if (result instanceof Promise) void settle(result, exchange, done);
  else done();
}

async function settle(result: Promise<void>, exchange: { fail(): void }, done: () => void): Promise<void> {
  try {
    await result;
  } catch {
    exchange.fail();
  }
  done();
}
