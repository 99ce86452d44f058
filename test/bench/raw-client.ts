import { connect, type TLSSocket } from 'node:tls';

const headEnd = Buffer.from('\r\n\r\n');

/** One HTTP/1.1 connection with one request under way: as little client as Node can be. */
export class RawClient implements Disposable {
  readonly #socket: TLSSocket;
  readonly #head: string;
  #onData: (chunk: Buffer) => void = () => {};
  #onError: (error: Error) => void = () => {};

  private constructor(socket: TLSSocket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', () => this.#onError(new Error('Cannot measure: the server closed the connection')));
  }

  static async open(url: string, ca: string, token: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket, `Host: ${hostname}\r\nAuthorization: Bearer ${token}\r\nUser-Agent: bench\r\n`);
  }

  /** Sends a request and resolves when its answer is complete; rejects where that is no success. */
  request(method: string, path: string, contentType: string, body: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onError = reject;
    let left = -1;
    this.#onData = (chunk) => {
      if (left < 0) {
        const end = chunk.indexOf(headEnd);
        const head = chunk.toString('latin1', 0, end);
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        if (!head.startsWith('HTTP/1.1 2') || length === undefined)
          return reject(new Error(`Cannot measure: ${method} ${path} was answered ${chunk.toString().slice(0, 600)}`));
        left = Number(length) + end + headEnd.length;
      }
      left -= chunk.length;
      if (left === 0) resolve();
    };
    const rest = `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${rest}`);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#onError = () => {};
    this.#socket.destroy();
  }
}
