import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflate, createDeflateRaw, createGunzip, createGzip, createInflate, createInflateRaw } from 'node:zlib';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Exchange, ResponseStream } from '../../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import { answerHeaders, requestHeaders, type OwnHeaders } from './backend-headers.ts';
import { callBackend, type Destination } from './backend.ts';
import { HtmlUrls } from './html-urls.ts';
import { proxiedUrl, type ProxiedPlace } from './proxied-url.ts';

/** A request and how its answer begins. */
export type PassedReply = Pick<Reply, 'exchange' | 'stream'>;

export interface PassOptions {
  /** The path that clients have to put before those of the backend: URLs in its answers get it. Absent: they stay. */
  readonly prefix?: string;
  /** How long the backend may be silent before it answers (default: for ever). */
  readonly answerMs?: number;
  /** Headers that replace the client's. */
  readonly headers?: OwnHeaders;
}

/**
 * Passes a request on and streams the answer back. The client's credentials stay here; a client that leaves ends the call.
 * Throws a `StatusError` when nobody answers.
 */
export async function passThrough(
  reply: PassedReply,
  destination: Destination,
  options: PassOptions = {},
): Promise<void> {
  const { prefix, headers: replaced = {}, answerMs = 0 } = options;
  const { exchange } = reply;
  const clientHost = exchange.headers.get('host') ?? '';
  const backend = hostAndPort(destination.host, destination.port);
  const own =
    prefix === undefined
      ? replaced
      : {
          ...replaced,
          ...(clientHost !== '' && { host: clientHost }),
          'x-forwarded-uri': prefix + destination.path.replace(/\?.*$/s, ''),
        };
  const headers = requestHeaders(exchange, false, own);
  const { call, came } = callBackend(destination, { method: exchange.method, headers, answerMs }, exchange.signal);
  const sent = sendBody(exchange, call);
  const { answer } = await came.catch((error: Error) => {
    throw refused.unavailable(`error trying to reach service: ${goNetworkProblem(error, backend)}`);
  });
  await passBack(reply, answer, prefix === undefined ? undefined : { prefix, backend, clientHost });
  call.destroy(); // a backend may answer before it has read all
  await sent;
}

/** A body without an announced length is sent in chunks, but for methods that usually have none. */
async function sendBody(exchange: Exchange, call: ClientRequest): Promise<void> {
  const { headers, method } = exchange;
  const hasBody =
    headers.get('content-length') !== undefined ||
    headers.get('transfer-encoding') !== undefined ||
    !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method);
  if (!hasBody) return void call.end();
  // Where it fails, the call does: it is heard of there.
  await pipeline(exchange.body(), call).catch(() => call.destroy());
}

/** Rejects only before the answer has begun. */
async function passBack(reply: PassedReply, answer: IncomingMessage, place: ProxiedPlace | undefined): Promise<void> {
  const { statusCode: status = 502 } = answer;
  const location = answer.headers.location;
  const change = (url: string): string => (place === undefined ? url : proxiedUrl(url, place));
  const isChanged = place !== undefined && location === undefined && isReadableHtml(answer);
  const headers = answerHeaders(answer, isChanged);
  const shown = location === undefined ? headers : { ...headers, location: change(location) };
  const hasBody = reply.exchange.method !== 'HEAD' && status !== 204 && status !== 304;
  await streamAnswer(reply.stream(status, shown), hasBody && isChanged ? changed(answer, change) : answer);
  answer.destroy();
}

/** Passes parts on as the client takes them. When one of both breaks off, nobody is left to be told. */
export async function streamAnswer(stream: ResponseStream, parts: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const part of parts) if (!stream.write(part)) await stream.drained();
    stream.end();
  } catch {
    stream.destroy();
  }
}

const encodings = ['', 'identity', 'gzip', 'deflate'];

/** Whether this is HTML in a form that its URLs can be changed in. */
function isReadableHtml({ headers }: IncomingMessage): boolean {
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  return type === 'text/html' && encodings.includes(headers['content-encoding'] ?? '');
}

/** The page with its URLs changed, in the encoding that it came in. Nothing is held but what is under way. */
async function* changed(answer: IncomingMessage, change: (url: string) => string): AsyncIterable<Buffer> {
  const urls = new HtmlUrls(change);
  const encoding = answer.headers['content-encoding'] ?? '';
  const first = await firstPart(answer);
  if (first === undefined) return;
  if (encoding === '' || encoding === 'identity') yield* chain(answer, urls);
  else if (encoding === 'gzip') yield* chain(answer, createGunzip(), urls, createGzip());
  else if (isZlib(first)) yield* chain(answer, createInflate(), urls, createDeflate());
  else yield* chain(answer, createInflateRaw(), urls, createDeflateRaw());
}

/**
 * Two forms go by the name of deflate: zlib's (RFC 1950), which has a head, and the bare one (RFC 1951), which Go
 * sends.
 */
function isZlib([first = 0, second = 0]: Buffer): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

async function* chain(from: Readable, ...through: readonly NodeJS.ReadWriteStream[]): AsyncIterable<Buffer> {
  const last = through.at(-1) as unknown as Readable;
  const piped = pipeline([from, ...through] as [Readable, NodeJS.ReadWriteStream]).catch((error: Error) =>
    last.destroy(error),
  );
  yield* last as AsyncIterable<Buffer>;
  await piped;
}

/** The first part that comes, which is read again after this. */
async function firstPart(answer: IncomingMessage): Promise<Buffer | undefined> {
  await new Promise<void>((resolve, reject) => {
    answer.once('readable', resolve);
    answer.once('end', resolve);
    answer.once('error', reject);
  });
  const part = answer.read() as Buffer | null;
  if (part !== null) answer.unshift(part);
  return part ?? undefined;
}
