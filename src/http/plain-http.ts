import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

/** In the words of Go's servers, which Kubernetes' clients know. */
const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** Tells a client that speaks HTTP without TLS why it gets nowhere, before its connection ends. */
export function answerPlainHttp(server: Server): void {
  /** Connections that have not agreed on TLS yet. */
  const waiting = new Map<string, Socket>();
  server.on('connection', (socket) => {
    const peer = peerOf(socket);
    waiting.set(peer, socket);
    socket.once('close', () => waiting.delete(peer));
  });
  server.on('secureConnection', (socket) => waiting.delete(peerOf(socket)));
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const peer = peerOf(socket);
    if (error.code === 'ERR_SSL_HTTP_REQUEST') waiting.get(peer)?.end(answer);
    // Not every connection whose handshake fails tells that it closes.
    waiting.delete(peer);
  });
}

function peerOf({ remoteAddress, remotePort }: Socket | TLSSocket): string {
  return `${remoteAddress} ${remotePort}`;
}
