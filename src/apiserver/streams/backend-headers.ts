import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Exchange } from '../../http/exchange.ts';
import type { RequestHeaders, ResponseHeaders } from '../../http/headers.ts';

/** About one connection, not about the request (RFC 9110, 7.6.1). */
const ofConnection = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** Who asks: it is for the API server only. */
const credentials = /^(?:authorization$|impersonate-|x-remote-)/;
/** Browsers, which cannot set headers of a WebSocket, send their token as one of its protocols. */
const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';
/** The API server answers for itself which pages of others may use it. */
const crossOrigin = /^access-control-allow-(?:credentials|headers|methods|origin)$/;

/** Headers that the server says for itself, those that come several times as a list. */
export type OwnHeaders = Readonly<Record<string, string | string[]>>;

/**
 * The headers of a client's request for a backend, all but those of the connection and the credentials. With `isUpgrade`
 * those that ask for another protocol are among them. `own` replaces what the client says.
 */
export function requestHeaders(
  { headers, connection }: Pick<Exchange, 'headers' | 'connection'>,
  isUpgrade: boolean,
  own: OwnHeaders = {},
): OutgoingHttpHeaders {
  const named = namedByConnection(headers.all('connection'));
  const passed: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const { raw } = headers;
  for (let at = 0; at < raw.length; at += 2) {
    const [name, value] = [raw[at]!, raw[at + 1]!];
    if (ofConnection.has(name) || credentials.test(name) || name === 'host' || name === 'x-forwarded-for') continue;
    if (named.has(name) && !(isUpgrade && name.startsWith('sec-websocket-'))) continue;
    const kept = name === 'sec-websocket-protocol' ? withoutToken(value) : value;
    if (kept !== '' || value === '') (passed[name] ??= []).push(kept);
  }
  const via = [...headers.all('x-forwarded-for'), connection.remoteAddress].filter((address) => address !== '');
  if (via.length > 0) passed['x-forwarded-for'] = [via.join(', ')];
  if (isUpgrade) {
    passed['connection'] = ['Upgrade'];
    passed['upgrade'] = [headers.get('upgrade') ?? ''];
  }
  // Node takes a list for each name, but for those that may come once.
  const single = Object.entries(passed).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]);
  return { ...(Object.fromEntries(single) as OutgoingHttpHeaders), ...own };
}

/** The headers of a backend's answer for the client. A body that is changed has another length. */
export function answerHeaders(answer: IncomingMessage, isChanged = false): ResponseHeaders {
  const named = namedByConnection(answer.headersDistinct['connection'] ?? []);
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    if (ofConnection.has(name) || named.has(name) || crossOrigin.test(name)) continue;
    if (isChanged && name === 'content-length') continue;
    headers[name] = values.length === 1 ? values[0]! : values;
  }
  return headers;
}

function withoutToken(protocols: string): string {
  return protocolsOf(protocols)
    .filter((protocol) => !protocol.startsWith(tokenProtocol))
    .join(', ');
}

/** The protocols of a WebSocket that a client names, without the token that may be among them. */
export function webSocketProtocols(headers: RequestHeaders): string[] {
  return headers.all('sec-websocket-protocol').flatMap((value) => protocolsOf(withoutToken(value)));
}

function protocolsOf(header: string): string[] {
  return header
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}

function namedByConnection(values: readonly string[]): Set<string> {
  return new Set(values.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase()));
}
