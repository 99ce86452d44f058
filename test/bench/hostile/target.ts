import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { ServerProcess } from '../../kit/server-process.ts';
import { openClient, type Client, type Question, type Reply } from '../../../src/http/contract/clients.ts';

/** Who attacks: somebody without a certificate, somebody who has one and no rights, or the administrator. */
export type Attacker = 'stranger' | 'nobody' | 'admin';

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** The server under attack, and time. */
export class Target {
  readonly server: ServerProcess;
  readonly port: number;
  readonly #identities: Readonly<Record<Attacker, Partial<Identity>>>;
  readonly #opened = new AsyncDisposableStack();
  #until = 0;
  #answers = new Map<number, number>();

  constructor(server: ServerProcess, nobody: Identity) {
    const { cert, key } = server.identity;
    this.server = server;
    this.port = Number(new URL(server.url).port);
    this.#identities = { stranger: {}, nobody, admin: { cert, key } };
  }

  /** What is closed when the attack is over. */
  use<T extends AsyncDisposable>(opened: T): T {
    return this.#opened.use(opened);
  }

  /** From now on the attack lasts so long. */
  begin(seconds: number): void {
    this.#until = performance.now() + seconds * 1000;
    this.#answers = new Map();
  }

  get isOver(): boolean {
    return performance.now() > this.#until;
  }

  async untilOver(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, this.#until - performance.now())));
  }

  /** How the requests were answered: `201 ×3, 413 ×5`; 0 is no answer. */
  get answers(): string {
    const sorted = [...this.#answers].sort(([a], [b]) => a - b);
    return sorted.map(([status, count]) => `${status || 'none'} ×${count}`).join(', ');
  }

  client(who: Attacker, protocol: 'HTTP/1.1' | 'HTTP/2.0' = 'HTTP/1.1'): Client {
    return this.#opened.use(openClient(protocol, this.#place(who)));
  }

  /** One request; one that gets no answer is counted. */
  async ask(client: Client, question: Question): Promise<Reply | undefined> {
    const reply = await client.ask(question).catch(() => undefined);
    const status = reply?.status ?? 0;
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    return reply;
  }

  /** So many clients at once send the same again and again, until the attack is over. */
  async repeat(
    who: Attacker,
    clients: number,
    question: Question | ((round: number) => Question),
    protocol: 'HTTP/1.1' | 'HTTP/2.0' = 'HTTP/1.1',
  ): Promise<void> {
    const of = typeof question === 'function' ? question : () => question;
    let round = 0;
    const one = async (): Promise<void> => {
      let client = this.client(who, protocol);
      while (!this.isOver) {
        const reply = await Promise.race([this.ask(client, of(round++)), this.untilOver()]);
        if (reply !== undefined || this.isOver) continue;
        // Its connection may be gone for good.
        await new Promise((resolve) => setTimeout(resolve, 20));
        client = this.client(who, protocol);
      }
    };
    await Promise.all(Array.from({ length: clients }, one));
  }

  /** A connection of bytes made by hand, whose answers are thrown away, or not even read. */
  async socket(protocol: 'http/1.1' | 'h2', who: Attacker = 'stranger', reads = true): Promise<TLSSocket | undefined> {
    const socket = connect({
      host: '127.0.0.1',
      ...this.#place(who),
      rejectUnauthorized: false,
      ALPNProtocols: [protocol],
    });
    socket.on('error', () => {}).setMaxListeners(0);
    this.#opened.defer(() => void socket.destroy());
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => {});
    if (socket.destroyed) return undefined;
    if (reads) socket.resume();
    return socket;
  }

  /** Writes the bytes again and again, as fast as they are taken; opens another connection when the server ends one. */
  async flood(connections: number, protocol: 'http/1.1' | 'h2', opening: Buffer, bytes: Buffer | (() => Buffer)) {
    const next = typeof bytes === 'function' ? bytes : () => bytes;
    const one = async (): Promise<void> => {
      while (!this.isOver) {
        const socket = await this.socket(protocol);
        if (socket === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          continue;
        }
        socket.write(opening);
        while (!socket.destroyed && !socket.closed && !this.isOver) {
          const isTaken = socket.write(next());
          if (isTaken) await new Promise((resolve) => setImmediate(resolve));
          else await Promise.race([once(socket, 'drain'), once(socket, 'close'), this.untilOver()]).catch(() => {});
        }
        socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  async end(): Promise<void> {
    await this.#opened.disposeAsync();
  }

  #place(who: Attacker) {
    return { port: this.port, ca: this.server.identity.ca, ...this.#identities[who] };
  }
}
