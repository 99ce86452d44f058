import { request as sendPlain, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as sendSecure, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { onAbort } from '../../base/abort.ts';
import { FewInTurn } from '../../base/few-in-turn.ts';

/** Where a request is passed on to. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** How the host is looked up (default: as the system does). */
  readonly lookup?: LookupFunction;
  /** With its query. */
  readonly path: string;
  /** How to speak TLS with it; absent: it is spoken to without. */
  readonly secure?: Pick<RequestOptions, 'agent' | 'rejectUnauthorized' | 'servername'> & {
    readonly secureContext?: SecureContext;
  };
}

export interface BackendQuestion {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  /** How long it may be silent before it answers (default: for ever). */
  readonly answerMs?: number;
}

/** What a backend says. */
export type BackendAnswer =
  | { readonly kind: 'answer'; readonly answer: IncomingMessage }
  | { readonly kind: 'upgrade'; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

/** How long a backend may take to take a connection. */
const connectMs = 30_000;
/** How soon it is found out that a backend that says nothing is not there any more. */
const keepAliveMs = 30_000;

/**
 * Calls that are given up, whoever made them. Hundreds to a backend that never answers come to their deadline in one turn of
 * the event loop; each has its connection ended and its client told.
 */
const endings = new FewInTurn(8);

/**
 * Begins a call; `send` has to end it, or to write its body. It is given up when the signal aborts, whatever has been sent
 * or has come by then. `came` rejects when there is no connection, or it ends before an answer.
 */
export function callBackend(
  { host, port, path, secure, lookup }: Destination,
  { method, headers, answerMs = 0 }: BackendQuestion,
  signal: AbortSignal,
): { readonly call: ClientRequest; readonly came: Promise<BackendAnswer> } {
  const send = secure === undefined ? sendPlain : sendSecure;
  // A kept connection may be closed by the other side just when it is used again.
  const call = send({ host, port, path, method, headers, agent: false, ...(lookup && { lookup }), ...secure });
  const unlink = onAbort(signal, () => endings.run(() => call.destroy()));
  call.once('close', unlink);
  call.once('socket', (socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    const isThere = !socket.connecting;
    socket.setTimeout(isThere ? answerMs : connectMs, () => call.destroy(timedOut()));
    if (!isThere) socket.once(secure === undefined ? 'connect' : 'secureConnect', () => socket.setTimeout(answerMs));
    call.once('response', () => socket.setTimeout(0));
    call.once('upgrade', () => socket.setTimeout(0));
  });
  const came = new Promise<BackendAnswer>((resolve, reject) => {
    call.once('response', (answer) => resolve({ kind: 'answer', answer }));
    call.once('upgrade', (answer, socket, head) => resolve({ kind: 'upgrade', answer, socket, head }));
    call.on('error', reject);
  });
  return { call, came };
}

function timedOut(): Error {
  return Object.assign(new Error('the backend was silent for too long'), { code: 'ETIMEDOUT' });
}
