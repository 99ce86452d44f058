import { RequestHeaders } from '../headers.ts';
import type { KnownFields } from './known-fields.ts';
import { code, StreamError } from './protocol.ts';

/** What the header block of a request says. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  /** Of all names and values. */
  readonly bytes: number;
  /** What `content-length` announces, in bytes. */
  readonly length: number | undefined;
}

const pseudoNames = [':method', ':scheme', ':path', ':authority'];
const ofOneConnection = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade']);
const nameForm = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const badValue = /[\0\r\n]/;
const badTarget = /[\0-\x20\x7f]/;
const methodForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads a list of fields as a request (RFC 9113, section 8.3.1), those that are not `known` letter by letter. Throws
 * {@link StreamError} for one that is malformed.
 */
export function requestHead(fields: readonly string[], known?: KnownFields): RequestHead {
  const pseudo = [undefined, undefined, undefined, undefined] as (string | undefined)[];
  const raw: string[] = [];
  let at = 0;
  for (; at < fields.length && fields[at]!.charCodeAt(0) === 0x3a; at += 2) {
    const which = pseudoNames.indexOf(fields[at]!);
    if (which < 0 || pseudo[which] !== undefined) throw malformed(`a pseudo header ${JSON.stringify(fields[at])}`);
    pseudo[which] = fields[at + 1]!;
  }
  const [method, scheme, path, authority] = pseudo;
  if (authority !== undefined) {
    // Proxies pass it on as the `host` of a backend.
    if (badTarget.test(authority)) throw malformed('an authority that is none');
    raw.push('host', authority);
  }
  for (; at < fields.length; at += 2) readField(fields[at]!, fields[at + 1]!, authority, raw, known);
  if (method === undefined || scheme === undefined || path === undefined) throw malformed('no method, scheme or path');
  if (!methodForm.test(method)) throw malformed('a method that is none');
  if (badTarget.test(path) || !(path.startsWith('/') || path === '*')) throw malformed('a path that is none');
  const headers = new RequestHeaders(raw);
  let bytes = 0;
  for (const text of fields) bytes += text.length;
  return { method, target: path, headers, bytes, length: announcedLength(headers) };
}

/** Trailers may not change what the request is; nobody here reads them. */
export function checkTrailers(fields: readonly string[]): void {
  for (let at = 0; at < fields.length; at += 2) readField(fields[at]!, fields[at + 1]!, undefined, []);
}

function readField(
  name: string,
  value: string,
  authority: string | undefined,
  into: string[],
  known?: KnownFields,
): void {
  if (known?.has(name, value)) return void into.push(name, value);
  if (!nameForm.test(name) || ofOneConnection.has(name)) throw malformed(`a header ${JSON.stringify(name)}`);
  if (badValue.test(value)) throw malformed(`a value of ${name}`);
  if (name === 'te' && value !== 'trailers') throw malformed('te');
  if (name === 'host' && authority !== undefined) {
    if (value !== authority) throw malformed('two different authorities');
    return;
  }
  into.push(name, value);
  // The host is compared with each request's authority.
  if (name !== 'host') known?.add(name, value);
}

function announcedLength(headers: RequestHeaders): number | undefined {
  const first = headers.get('content-length');
  if (first === undefined) return undefined;
  const isOne = headers.all('content-length').length === 1;
  if (!isOne || !/^\d{1,15}$/.test(first)) throw malformed('content-length');
  return Number(first);
}

function malformed(what: string): StreamError {
  return new StreamError(code.protocolError, `the request has ${what}`);
}

/** What stands for a head that is too large: its request is refused, whatever it says. */
export const tooLargeHead: RequestHead = {
  method: 'GET',
  target: '/',
  headers: new RequestHeaders([]),
  bytes: 0,
  length: undefined,
};
