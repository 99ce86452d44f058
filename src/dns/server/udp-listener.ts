import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Logger } from '../../base/logger.ts';
import type { Respond } from './responder.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly respond: Respond;
  readonly log: Logger;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
}

/** Room for what comes while something else is done. */
const receiveBytes = 1024 * 1024;

/** Answers questions over UDP. Rejects when the address cannot be had. */
export async function listenOverUdp({ host, port, respond, log }: ListenOptions): Promise<Listener> {
  // Answers go to addresses, which need not be looked up.
  const lookup = (name: string, _: unknown, done: (error: null, address: string, family: number) => void): void =>
    done(null, name, isIPv6(name) ? 6 : 4);
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    lookup: lookup as never,
    recvBufferSize: receiveBytes,
  });
  // Who asked and is gone gets no answer; that is no failure of ours.
  const ignore = (): void => {};
  socket.on('message', (message, { address, port: from }) => {
    const answer = respond(message, 'udp', address);
    if (answer instanceof Promise) void answer.then((later) => later && send(socket, later, from, address, ignore));
    else if (answer !== undefined) send(socket, answer, from, address, ignore);
  });
  await bound(socket, host, port);
  socket.on('error', (error) => log.warn('UDP socket failed', { error: error.message }));
  let isOpen = true;
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      if (!isOpen) return;
      isOpen = false;
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}

/** The socket may have been closed since the question came. */
function send(socket: Socket, answer: Buffer, port: number, address: string, done: () => void): void {
  try {
    socket.send(answer, 0, answer.length, port, address, done);
  } catch {
    // nobody is there to hear it
  }
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    socket.close();
    throw error;
  });
}
