import { request as sendPlain, type IncomingMessage } from 'node:http';
import { request as sendSecure, type RequestOptions } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Request, Response } from '../http/exchange.ts';
import type { ResourceRequestInfo } from '../http/request-info.ts';

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
export function restOfPath({ rest, path }: ResourceRequestInfo, { url = '' }: Pick<Request, 'url'>): string {
  const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
  return `/${rest.map(encodeURIComponent).join('/')}${path.endsWith('/') && rest.length > 0 ? '/' : ''}${query}`;
}

/**
 * Passes a request on and streams the answer back as it is. The client's credentials stay here. Throws a `StatusError` when
 * nobody answers.
 */
export async function passOn(request: Request, response: Response, destination: Destination): Promise<void> {
  const answer = await ask(request, destination);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !connectionHeaders.has(name)) response.setHeader(name, value);
  }
  response.writeHead(answer.statusCode ?? 502);
  // When one of both has gone, nobody is left to be told.
  await pipeline(answer, response as NodeJS.WritableStream).catch(() => {});
}

function ask(request: Request, { host, port, path, secure }: Destination): Promise<IncomingMessage> {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => kept.has(name)));
  const send = secure === undefined ? sendPlain : sendSecure;
  return new Promise((resolve, reject) => {
    const call = send({ host, port, path, method: request.method ?? 'GET', headers, ...secure });
    call.once('response', resolve);
    call.once('error', (error) => {
      const why = goNetworkProblem(error, hostAndPort(host, port));
      reject(refused.unavailable(`error trying to reach service: ${why}`));
    });
    request.once('close', () => request.readableEnded || call.destroy());
    request.pipe(call);
  });
}
