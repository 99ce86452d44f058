import { RequestHeaders } from '../headers.ts';

/** What the head of a request says, and how its body comes. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  /** Bytes, or 'chunked'; 0: there is no body. */
  readonly length: number | 'chunked';
  /** The client wants, and may have, further requests on this connection. */
  readonly keepsAlive: boolean;
  readonly isHttp10: boolean;
  readonly wantsUpgrade: boolean;
  readonly expectsContinue: boolean;
}

/**
 * A request that cannot be read: it is answered with `status`, and the connection ends, as nobody knows where the next
 * begins.
 */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([01])$/;
/** Each letter can be read in one way only: what backtracks here stops the server for whoever connects. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const notOfValue = /[^\t\x20-\x7e\x80-\xff]/;
const absoluteForm = /^https?:\/\/[^/?#]*(?=[/?]|$)/i;

/**
 * Reads a head, without the empty line at its end, as RFC 9112 has it and not a bit more freely: what two servers could
 * read in two ways is refused. Throws {@link BadRequestError}.
 */
export function requestHead(text: string, mostHeaders: number): RequestHead {
  const lines = text.split('\r\n');
  const first = requestLine.exec(lines[0]!);
  if (first === null) throw new BadRequestError(400, 'the request line cannot be read');
  const raw: string[] = [];
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]!;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!headerName.test(name) || notOfValue.test(line)) throw new BadRequestError(400, `header ${at} cannot be read`);
    raw.push(name.toLowerCase(), withoutBlanks(line, colon + 1));
  }
  if (raw.length > mostHeaders * 2) throw new BadRequestError(431, `there are more than ${mostHeaders} headers`);
  const headers = new RequestHeaders(raw);
  const isHttp10 = first[3] === '0';
  const hosts = headers.all('host');
  if (hosts.length > 1 || (hosts.length === 0 && !isHttp10))
    throw new BadRequestError(400, 'there must be one Host header');
  const connection = headers
    .all('connection')
    .join(',')
    .toLowerCase()
    .split(/[\s,]+/);
  const length = bodyLength(headers, isHttp10);
  return {
    method: first[1]!,
    target: originForm(first[2]!),
    headers,
    length,
    keepsAlive: !isHttp10 && !connection.includes('close'),
    isHttp10,
    wantsUpgrade: !isHttp10 && length === 0 && headers.get('upgrade') !== undefined && connection.includes('upgrade'),
    expectsContinue: expectation(headers, isHttp10),
  };
}

/** What follows `from` in a line, without the blanks and tabs around it; no other letter is one. */
function withoutBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(letter: number): boolean {
  return letter === 0x20 || letter === 0x09;
}

function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target;
  if (!absoluteForm.test(target)) throw new BadRequestError(400, 'the target is no path');
  const rest = target.replace(absoluteForm, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Two ways to say how long a body is are one too many (RFC 9112, section 6.1). */
function bodyLength(headers: RequestHeaders, isHttp10: boolean): number | 'chunked' {
  const lengths = headers.all('content-length');
  const encodings = headers.all('transfer-encoding');
  if (encodings.length > 0) {
    if (lengths.length > 0 || isHttp10) throw new BadRequestError(400, 'the length of the body is ambiguous');
    if (encodings.length > 1 || encodings[0]!.toLowerCase() !== 'chunked')
      throw new BadRequestError(501, 'the transfer encoding is not known');
    return 'chunked';
  }
  if (lengths.length === 0) return 0;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!))
    throw new BadRequestError(400, 'the length of the body is ambiguous');
  return Number(lengths[0]);
}

function expectation(headers: RequestHeaders, isHttp10: boolean): boolean {
  const expected = headers.get('expect');
  if (expected === undefined || isHttp10) return false;
  if (expected.toLowerCase() !== '100-continue') throw new BadRequestError(417, 'the expectation is not known');
  return true;
}
