import type { OutgoingHttpHeaders } from 'node:http';
import { Agent } from 'node:https';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { escapedPath, hostName, parseGoUrl, portOf } from '../../cel/library/go-url.ts';
import type { Destination } from './backend.ts';
import { AnswerTooLargeError } from './bounded-text.ts';
import { closeIdle, wholeAnswer } from './whole-answer.ts';

/** How this server meets another one. All PEM. */
export interface RemoteIdentity {
  /** Who vouches for the other server; absent: the authorities of this machine. */
  readonly authority?: string;
  /** The name that the other server has to show (default: that of the URL). */
  readonly serverName?: string;
  readonly skipsVerification?: boolean;
  readonly client?: { readonly certificate: string; readonly key: string };
  /** A bearer token. */
  readonly token?: string;
}

export interface RemoteQuestion {
  readonly method: 'GET' | 'POST';
  /** JSON. */
  readonly body?: string;
  /** How long the whole call may take. */
  readonly answerMs: number;
  /** Of the answer, in bytes. */
  readonly longestAnswer: number;
}

/** Calls another server that the configuration names; connections are kept for the next questions. */
export class RemoteEndpoint implements Disposable {
  readonly #identity: RemoteIdentity;
  readonly #clock: Clock;
  readonly #agent: Agent;

  constructor(identity: RemoteIdentity, clock: Clock) {
    this.#identity = identity;
    this.#clock = clock;
    const { authority, serverName, skipsVerification, client } = identity;
    this.#agent = new Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      ...(authority !== undefined && { ca: authority }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(skipsVerification === true && { rejectUnauthorized: false }),
      ...(client !== undefined && { cert: client.certificate, key: client.key }),
    });
  }

  /** Throws in the words of Go's client, with the URL, when there is no whole answer in time. */
  async ask(url: string, question: RemoteQuestion): Promise<{ readonly status: number; readonly text: string }> {
    const destination = destinationOf(url, this.#agent);
    using limit = deadline(this.#clock, question.answerMs);
    try {
      const { method, body, longestAnswer } = question;
      return await wholeAnswer(
        destination,
        {
          method,
          headers: this.#headers(body),
          answerBounds: { longest: longestAnswer },
          ...(body !== undefined && { body }),
        },
        limit.signal,
      );
    } catch (error) {
      if (error instanceof AnswerTooLargeError) throw error;
      const why = limit.signal.aborted
        ? 'context deadline exceeded'
        : goNetworkProblem(error as Error, hostAndPort(destination.host, destination.port));
      const verb = question.method === 'GET' ? 'Get' : 'Post';
      throw new Error(`${verb} ${JSON.stringify(url)}: ${why}`, { cause: error });
    }
  }

  #headers(body: string | undefined): OutgoingHttpHeaders {
    const { token } = this.#identity;
    return {
      accept: 'application/json, */*',
      'user-agent': 'kube-apiserver',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
  }

  [Symbol.dispose](): void {
    closeIdle(this.#agent);
  }
}

function destinationOf(url: string, agent: Agent): Destination {
  const parsed = parseGoUrl(url);
  if (typeof parsed === 'string') throw new Error(parsed);
  const isSecure = parsed.scheme === 'https';
  return {
    host: hostName(parsed),
    port: Number(portOf(parsed)) || (isSecure ? 443 : 80),
    path: `${parsed.path === '' ? '/' : escapedPath(parsed)}${parsed.query === '' ? '' : `?${parsed.query}`}`,
    ...(isSecure && { secure: { agent } }),
  };
}
