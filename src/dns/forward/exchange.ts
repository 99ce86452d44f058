import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { onAbort } from '../../base/abort.ts';
import { parseRelayed, type RelayedResponse } from '../wire/relay.ts';
import { FrameReader, framed } from '../wire/frames.ts';
import type { NameServer } from './name-server.ts';

/** One question on its way to one name server. */
export interface Exchange {
  readonly server: NameServer;
  readonly id: number;
  readonly question: Buffer;
  readonly message: Buffer;
  /** Ends it, with the signal's reason. */
  readonly signal: AbortSignal;
}

/**
 * Asks over UDP, from a port that the kernel draws. What is no answer to this question, or comes from elsewhere, is passed
 * over: somebody may be guessing.
 */
export function askOverUdp({ server, id, question, message, signal }: Exchange): Promise<RelayedResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<RelayedResponse>();
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  socket.on('error', reject);
  socket.on('message', (bytes) => {
    const response = parseRelayed(bytes, id, question);
    if (response !== undefined) resolve(response);
  });
  // A connected socket hears of a closed port, and only of this server.
  socket.connect(server.port, server.host, () => {
    if (!signal.aborted) socket.send(message, (error) => error && reject(error));
  });
  const unlink = onAbort(signal, () => reject(signal.reason));
  return promise.finally(() => {
    unlink();
    socket.close();
  });
}

/** Asks over TCP: for answers that have no room in a packet. */
export function askOverTcp({ server, id, question, message, signal }: Exchange): Promise<RelayedResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<RelayedResponse>();
  const socket = connect(server.port, server.host, () => socket.write(framed(message)));
  const reader = new FrameReader();
  socket.on('error', reject);
  socket.on('close', () =>
    reject(new Error(`Cannot hear from name server "${server.host}": it closed the connection`)),
  );
  socket.on('data', (chunk) => {
    const [frame] = reader.take(chunk);
    if (frame === undefined) return;
    const response = parseRelayed(frame, id, question);
    if (response === undefined) reject(new Error(`Cannot read the answer of name server "${server.host}"`));
    else resolve(response);
  });
  const unlink = onAbort(signal, () => reject(signal.reason));
  return promise.finally(() => {
    unlink();
    socket.destroy();
  });
}
