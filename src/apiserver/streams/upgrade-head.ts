import type { RequestHeaders } from '../../http/headers.ts';

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
  request: { readonly method: string; readonly headers: RequestHeaders },
  target: { readonly host: string; readonly port: number; readonly path: string },
): string {
  const lines = [`${request.method} ${target.path} HTTP/1.1`, `Host: ${target.host}:${target.port}`];
  for (const name of passedHeaders) {
    const values = request.headers.all(name);
    const text = values.length === 0 ? undefined : values.join(', ');
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
