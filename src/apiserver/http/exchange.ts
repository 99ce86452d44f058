import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { StatusError } from '../../apimachinery/status.ts';
import { negotiate, type Accepted } from './negotiate.ts';
import { encoded } from './representation.ts';

export type Request = IncomingMessage | Http2ServerRequest;
/** HTTP/2 answers are used through the part that they share with HTTP/1.1. */
export type Response = ServerResponse | (Http2ServerResponse & ServerResponse);

const json: Accepted = { representation: { form: 'object' }, mediaType: 'application/json', pretty: false };

/** Empty when the client names none; a header that cannot be read is no type that anybody knows. */
export function mediaTypeOf(request: Request): string {
  const header = request.headers['content-type'] ?? '';
  return header === '' ? '' : header.split(';')[0]!.trim().toLowerCase() || 'unreadable';
}

export function sendBytes(response: Response, code: number, bytes: Uint8Array, contentType: string): void {
  if (contentType !== '') response.setHeader('content-type', contentType);
  response.writeHead(code, { 'content-length': bytes.length });
  response.end(bytes);
}

export function sendText(
  response: Response,
  code: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  sendBytes(response, code, Buffer.from(text), contentType);
}

export function sendError(request: Request, response: Response, { status }: StatusError): void {
  if (response.headersSent) return void response.destroy();
  if (status.details?.retryAfterSeconds !== undefined || status.code === 504)
    response.setHeader('retry-after', String(status.details?.retryAfterSeconds ?? 1));
  const accepted = negotiate(request.headers.accept, false) ?? json;
  sendBytes(response, status.code, encoded(status, accepted.mediaType, accepted.pretty), accepted.mediaType);
}
