import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { FrameReader, framed } from '../wire/frames.ts';
import type { Respond } from './responder.ts';
import type { Listener, ListenOptions } from './udp-listener.ts';

/** A connection on which no whole question came for so long is closed. */
const idleMs = 10_000;
const mostConnections = 256;

/** Answers questions over TCP, those of a connection one after the other. Rejects when the address cannot be had. */
export async function listenOverTcp({
  host,
  port,
  respond,
  log,
  clock,
}: ListenOptions & { readonly clock: Clock }): Promise<Listener> {
  const connections = new Set<Connection>();
  const server = createServer({ noDelay: true }, (socket) => {
    // The one that was silent longest makes room.
    if (connections.size >= mostConnections) connections.values().next().value?.close();
    const connection = new Connection(socket, { respond, clock, connections });
    void connection.serve();
  });
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.on('error', (error) => log.warn('TCP socket failed', { error: error.message }));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.close();
      await closed;
    },
  };
}

interface Surroundings {
  readonly respond: Respond;
  readonly clock: Clock;
  /** The open ones; who was active last is last. */
  readonly connections: Set<Connection>;
}

class Connection {
  readonly #socket: Socket;
  readonly #around: Surroundings;
  readonly #closed: Promise<unknown>;
  #timer: Timer | undefined;

  constructor(socket: Socket, around: Surroundings) {
    this.#socket = socket;
    this.#around = around;
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
    // Reading tells of it too.
    socket.on('error', () => {});
  }

  close(): void {
    this.#timer?.cancel();
    this.#around.connections.delete(this);
    this.#socket.destroy();
  }

  /** Reads no further while an answer is under way or not taken: nobody fills our memory. */
  async serve(): Promise<void> {
    const reader = new FrameReader();
    const client = this.#socket.remoteAddress ?? '';
    this.#noteActivity();
    try {
      for await (const chunk of this.#socket) {
        for (const message of reader.take(chunk as Buffer)) {
          this.#noteActivity();
          const answer = await this.#around.respond(message, 'tcp', client);
          if (answer === undefined) return;
          if (!this.#socket.write(framed(answer))) await Promise.race([once(this.#socket, 'drain'), this.#closed]);
        }
      }
    } catch {
      // The other side went away.
    } finally {
      this.close();
    }
  }

  #noteActivity(): void {
    const { clock, connections } = this.#around;
    connections.delete(this);
    connections.add(this);
    this.#timer?.cancel();
    this.#timer = clock.setTimer(idleMs, () => this.close());
  }
}
