import { request as sendPlain, type IncomingMessage } from 'node:http';
import { request as sendSecure, type RequestOptions } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Exchange, ResponseStream } from '../../http/exchange.ts';
import type { ResponseHeaders } from '../../http/headers.ts';
import type { ResourceTarget } from '../request/target.ts';
import { onAbort } from '../../base/abort.ts';

/** Headers that are about one connection, or that would give away who asks. */
const kept = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-length',
  'content-type',
  'cookie',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'origin',
  'range',
  'referer',
  'user-agent',
]);
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Where a request is passed on to. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** With its query. */
  readonly path: string;
  /** How to speak TLS with it; absent: it is spoken to without. */
  readonly secure?: Pick<RequestOptions, 'agent' | 'rejectUnauthorized'>;
}

/** What follows `proxy` in the path of a request, with its query. */
export function restOfPath({ rest }: ResourceTarget, { target }: Pick<Exchange, 'target'>): string {
  const mark = target.indexOf('?');
  const path = (rest === '' ? '/' : rest) + (mark < 0 ? '' : target.slice(mark));
  // What is no letter of a URL cannot be sent on as it is.
  return path.replace(/[^!-~]/g, encodeURIComponent);
}

/**
 * Passes a request on and streams the answer back as it is. The client's credentials stay here. Throws a `StatusError` when
 * nobody answers.
 */
export async function passOn(exchange: Exchange, destination: Destination): Promise<void> {
  const answer = await ask(exchange, destination);
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !connectionHeaders.has(name)) headers[name] = value;
  }
  await copy(answer, exchange.stream(answer.statusCode ?? 502, headers satisfies ResponseHeaders));
}

/** Sends what comes as fast as the client takes it. When one of both has gone, nobody is left to be told. */
export async function copy(from: AsyncIterable<Buffer>, to: ResponseStream): Promise<void> {
  try {
    for await (const part of from) if (!to.write(part)) await to.drained();
    to.end();
  } catch {
    to.destroy();
  }
}

function ask(exchange: Exchange, { host, port, path, secure }: Destination): Promise<IncomingMessage> {
  const { method } = exchange;
  const headers: Record<string, string> = {};
  for (const name of kept) {
    const values = exchange.headers.all(name);
    if (values.length > 0) headers[name] = values.join(name === 'cookie' ? '; ' : ', ');
  }
  const send = secure === undefined ? sendPlain : sendSecure;
  return new Promise((resolve, reject) => {
    const call = send({ host, port, path, method, headers, ...secure });
    const unlink = onAbort(exchange.signal, () => call.destroy());
    call.once('response', resolve);
    call.once('close', unlink);
    call.on('error', (error) => {
      const why = goNetworkProblem(error, hostAndPort(host, port));
      reject(refused.unavailable(`error trying to reach service: ${why}`));
    });
    const hasBody = method !== 'GET' && method !== 'HEAD';
    if (hasBody || exchange.headers.get('content-length') !== undefined)
      pipeline(exchange.body(), call).catch(() => call.destroy());
    else call.end();
  });
}
