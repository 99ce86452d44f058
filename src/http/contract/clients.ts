import { connect, constants } from 'node:http2';
import { Agent, request as send } from 'node:https';

/** Where the server under test is, and as whom to come. */
export interface Place {
  readonly port: number;
  /** PEM of the server's authority. */
  readonly ca: string;
  /** PEM of a client's certificate and key. */
  readonly cert?: string;
  readonly key?: string;
}

export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Sent as it is, in one piece or in several. */
  readonly body?: string | readonly Buffer[];
  /** Ends the request when it has seen this much of the answer, in bytes. */
  readonly leaveAfter?: number;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Whether the answer came to its proper end. */
  readonly complete: boolean;
}

/** One connection of a client that others made. */
export interface Client extends AsyncDisposable {
  ask(question: Question): Promise<Reply>;
}

export const protocols = ['HTTP/1.1', 'HTTP/2.0'] as const;

export function openClient(protocol: (typeof protocols)[number], place: Place): Client {
  return protocol === 'HTTP/1.1' ? overHttp1(place) : overHttp2(place);
}

function overHttp1(place: Place): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...place });
  return {
    ask({ path, method = 'GET', headers = {}, body, leaveAfter }) {
      return new Promise((resolve, reject) => {
        const call = send({ host: '127.0.0.1', port: place.port, agent, path, method, headers }, (answer) => {
          const parts: Buffer[] = [];
          let size = 0;
          const done = (): void =>
            resolve({
              status: answer.statusCode!,
              headers: answer.headers,
              text: Buffer.concat(parts).toString(),
              complete: answer.complete,
            });
          answer.on('data', (part: Buffer) => {
            parts.push(part);
            size += part.length;
            if (leaveAfter !== undefined && size >= leaveAfter) call.destroy();
          });
          answer.on('error', done);
          answer.on('close', done);
        });
        call.on('error', reject);
        if (typeof body === 'string') call.end(body);
        else {
          for (const part of body ?? []) call.write(part);
          call.end();
        }
      });
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

function overHttp2(place: Place): Client {
  const session = connect(`https://127.0.0.1:${place.port}`, place);
  session.on('error', () => {});
  return {
    ask({ path, method = 'GET', headers = {}, body, leaveAfter }) {
      return new Promise((resolve, reject) => {
        const call = session.request(
          { ':path': path, ':method': method, ...headers },
          { endStream: body === undefined },
        );
        let head: Record<string, string | string[] | undefined> | undefined;
        const parts: Buffer[] = [];
        let size = 0;
        let complete = false;
        call.on('response', (answer) => (head = answer as typeof head));
        call.on('data', (part: Buffer) => {
          parts.push(part);
          size += part.length;
          if (leaveAfter !== undefined && size >= leaveAfter) call.close(constants.NGHTTP2_CANCEL);
        });
        call.on('end', () => (complete = call.rstCode === constants.NGHTTP2_NO_ERROR));
        call.on('error', (error) => head === undefined && reject(error));
        call.on('close', () => {
          if (head === undefined) return reject(new Error(`no answer: code ${call.rstCode}`));
          const text = Buffer.concat(parts).toString();
          resolve({ status: Number(head[':status']), headers: head, text, complete });
        });
        if (typeof body === 'string') call.end(body);
        else if (body !== undefined) {
          for (const part of body) call.write(part);
          call.end();
        }
      });
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        session.close(() => resolve());
        session.destroy();
      }),
  };
}
