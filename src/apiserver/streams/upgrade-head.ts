import type { IncomingHttpHeaders } from 'node:http';

/** Headers that a tunnel needs; everything else, credentials above all, stays with the API server. */
const passedHeaders = [
  'connection',
  'upgrade',
  'content-length',
  'user-agent',
  'x-stream-protocol-version',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'origin',
];
/** Browsers, which cannot set headers of a WebSocket, send their token as one of its protocols. */
const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';

/** The head of the request that the kubelet gets for a client's upgrade request. */
export function upgradeHead(
  request: { readonly method?: string; readonly headers: IncomingHttpHeaders },
  target: { readonly host: string; readonly port: number; readonly path: string },
): string {
  const lines = [`${request.method ?? 'GET'} ${target.path} HTTP/1.1`, `Host: ${target.host}:${target.port}`];
  for (const name of passedHeaders) {
    const value = request.headers[name];
    const text = Array.isArray(value) ? value.join(', ') : value;
    const passed = name === 'sec-websocket-protocol' ? withoutToken(text) : text;
    if (passed !== undefined && passed !== '') lines.push(`${name}: ${passed}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function withoutToken(protocols: string | undefined): string | undefined {
  return protocols
    ?.split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => !protocol.startsWith(tokenProtocol))
    .join(', ');
}
