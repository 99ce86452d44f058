import { Agent } from 'node:https';
import { posix } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { WebhookClientConfig } from '../../../api/admissionregistration/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../../apimachinery/go-network.ts';
import { deadline } from '../../../base/abort.ts';
import { FewInTurn } from '../../../base/few-in-turn.ts';
import { Turns } from '../../../base/turns.ts';
import { locationOf } from '../../aggregation/location.ts';
import type { ServerContext } from '../../context.ts';
import { answeredProblem } from './answered-problem.ts';
import type { Destination } from '../../streams/backend.ts';
import { AnswerTooLargeError, type AnswerBounds } from '../../streams/bounded-text.ts';
import { closeIdle, wholeAnswer } from '../../streams/whole-answer.ts';
import { trustIn } from '../../streams/trust.ts';

/** As much as is read of an answer (default). */
const usualBounds: AnswerBounds = { longest: 3 * 1024 * 1024 };

/** Questions that begin, of all webhooks: most of hundreds that come together make a connection. */
const beginnings = new FewInTurn(16);

/** The way to one webhook; its connections are kept for its next questions. */
export class WebhookConnection implements Disposable {
  readonly #config: Readonly<WebhookClientConfig>;
  readonly #place: Place;
  readonly #context: ServerContext;
  #agent: Agent | undefined;

  constructor(config: Readonly<WebhookClientConfig>, context: ServerContext) {
    this.#config = config;
    this.#place = placeOf(config);
    this.#context = context;
  }

  /**
   * Posts JSON and answers what came. Throws in the words of Go's client, with the URL; the webhook is told the whole seconds
   * that it has.
   */
  async post(body: string, timeoutSeconds: number, answerBounds = usualBounds): Promise<string> {
    const { origin, path } = this.#place;
    const full = `${path}?timeout=${Math.ceil(timeoutSeconds)}s`;
    using limit = deadline(this.#context.clock, timeoutSeconds * 1000);
    let place = '';
    try {
      const destination = this.#destination(full);
      place = hostAndPort(destination.host, destination.port);
      await Turns.of(this.#context.clock).share();
      await beginnings.share();
      return await this.#posted(destination, body, answerBounds, limit.signal);
    } catch (error) {
      if (error instanceof AnswerError || error instanceof AnswerTooLargeError) throw error;
      const why = limit.signal.aborted ? 'context deadline exceeded' : goNetworkProblem(error as Error, place);
      throw new Error(`Post ${JSON.stringify(`${origin}${full}`)}: ${why}`, { cause: error });
    }
  }

  async #posted(
    destination: Destination,
    body: string,
    answerBounds: AnswerBounds,
    signal: AbortSignal,
  ): Promise<string> {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, */*',
      'user-agent': 'kube-apiserver-admission',
    };
    const question = { method: 'POST', headers, body, answerBounds };
    const { status, contentType, text } = await wholeAnswer(destination, question, signal);
    if (status < 200 || status > 206) throw new AnswerError(status, answeredProblem(status, contentType, text));
    if (text === '')
      throw new AnswerError(503, `0-length response with status code: ${status} and content type: ${contentType}`);
    return text;
  }

  /** Throws for a bundle that holds no certificates. */
  #connections(): Agent {
    // Made once: each connection would read the bundle anew.
    this.#agent ??= new Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      secureContext: createSecureContext(trustIn(this.#config.caBundle)),
    });
    return this.#agent;
  }

  /** Where it is now. Throws ServiceUnavailable when nothing is behind its Service. */
  #destination(path: string): Destination {
    const { host, port, servername } = this.#place;
    const { service } = this.#config;
    const secure = { agent: this.#connections(), servername };
    return { ...(service === undefined ? { host, port } : locationOf(this.#context, service)), path, secure };
  }

  [Symbol.dispose](): void {
    if (this.#agent !== undefined) closeIdle(this.#agent);
  }
}

/** What a client calls it. */
interface Place {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Of its certificate, where it is not the host. */
  readonly servername?: string;
}

function placeOf({ url = '', service }: Readonly<WebhookClientConfig>): Place {
  if (service !== undefined) {
    const { name, namespace, port = 443, path = '/' } = service;
    const servername = `${name}.${namespace}.svc`;
    return { origin: `https://${servername}:${port}`, host: servername, port, path: cleaned(path), servername };
  }
  // Checked when it was configured: there is nothing else in it.
  const [, origin = '', six, host = six, port = '443', path = '/'] =
    /^(https:\/\/(?:\[([^\]]+)\]|([^/:]+))(?::(\d+))?)(\/.*)?$/i.exec(url) ?? [];
  return { origin, host: host ?? '', port: Number(port), path: cleaned(path) };
}

/** As Go's client cleans paths: servers redirect other ones, which no POST follows. */
function cleaned(path: string): string {
  return posix.resolve('/', path);
}

/** The webhook has answered, but not with a review. */
export class AnswerError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
