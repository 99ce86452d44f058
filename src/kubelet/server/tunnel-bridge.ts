import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket } from 'ws';

/** The subprotocol under which clients send a whole SPDY connection through a WebSocket, and what is spoken in it. */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';
export const portForwardProtocol = 'portforward.k8s.io';

/** Carries the bytes of binary messages to an upgraded connection of the runtime and back, as they are. */
export function bridgeTunnel(client: WebSocket, runtime: { readonly socket: Duplex; readonly head: Buffer }): void {
  const stream = createWebSocketStream(client);
  const { socket, head } = runtime;
  if (head.length > 0) stream.write(head);
  stream.pipe(socket);
  socket.pipe(stream);
  stream.on('error', () => socket.destroy());
  stream.on('close', () => socket.destroy());
  socket.on('error', () => stream.destroy());
  socket.on('close', () => client.close(1000));
}
