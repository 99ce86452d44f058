import { Agent } from 'node:https';
import { posix } from 'node:path';
import type { WebhookClientConfig } from '../../../api/admissionregistration/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../../apimachinery/go-network.ts';
import { deadline } from '../../../base/abort.ts';
import { locationOf } from '../../aggregation/location.ts';
import type { ServerContext } from '../../context.ts';
import { answeredProblem } from './answered-problem.ts';
import type { Destination } from '../../streams/backend.ts';
import { AnswerTooLongError } from '../../streams/bounded-text.ts';
import { closeIdle, wholeAnswer } from '../../streams/whole-answer.ts';
import { trustIn } from '../../streams/trust.ts';

/** As much as is read of an answer (default), in bytes. */
const longestAnswer = 3 * 1024 * 1024;

/** The way to one webhook; its connections are kept for its next questions. */
export class WebhookConnection implements Disposable {
  readonly #config: Readonly<WebhookClientConfig>;
  readonly #context: ServerContext;
  readonly #agent: Agent;

  constructor(config: Readonly<WebhookClientConfig>, context: ServerContext) {
    this.#config = config;
    this.#context = context;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: 8, ...trustIn(config.caBundle) });
  }

  /**
   * Posts JSON and answers what came. Throws in the words of Go's client, with the URL; the webhook is told the whole seconds
   * that it has. `longest`: of the answer, in bytes.
   */
  async post(body: string, timeoutSeconds: number, longest = longestAnswer): Promise<string> {
    const { url, destination } = this.#destination(`?timeout=${Math.ceil(timeoutSeconds)}s`);
    const place = hostAndPort(destination.host, destination.port);
    using limit = deadline(this.#context.clock, timeoutSeconds * 1000);
    try {
      return await this.#posted(destination, body, longest, limit.signal);
    } catch (error) {
      if (error instanceof AnswerError || error instanceof AnswerTooLongError) throw error;
      const why = limit.signal.aborted ? 'context deadline exceeded' : goNetworkProblem(error as Error, place);
      throw new Error(`Post ${JSON.stringify(url)}: ${why}`, { cause: error });
    }
  }

  async #posted(destination: Destination, body: string, longest: number, signal: AbortSignal): Promise<string> {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, */*',
      'user-agent': 'kube-apiserver-admission',
    };
    const question = { method: 'POST', headers, body, longestAnswer: longest };
    const { status, contentType, text } = await wholeAnswer(destination, question, signal);
    if (status < 200 || status > 206) throw new AnswerError(status, answeredProblem(status, contentType, text));
    if (text === '')
      throw new AnswerError(503, `0-length response with status code: ${status} and content type: ${contentType}`);
    return text;
  }

  #destination(query: string): { readonly url: string; readonly destination: Destination } {
    const { url, service } = this.#config;
    const agent = this.#agent;
    if (service === undefined) {
      // Checked when it was configured: there is nothing else in it.
      const [, origin = '', six, host = six, port = '443', path = '/'] =
        /^(https:\/\/(?:\[([^\]]+)\]|([^/:]+))(?::(\d+))?)(\/.*)?$/i.exec(url ?? '') ?? [];
      const full = `${cleaned(path)}${query}`;
      return {
        url: `${origin}${full}`,
        destination: { host: host ?? '', port: Number(port), path: full, secure: { agent } },
      };
    }
    const { name, namespace, path = '/' } = service;
    const servername = `${name}.${namespace}.svc`;
    const full = `${cleaned(path)}${query}`;
    const place = { ...locationOf(this.#context, service), path: full, secure: { agent, servername } };
    return { url: `https://${servername}:${service.port ?? 443}${full}`, destination: place };
  }

  [Symbol.dispose](): void {
    closeIdle(this.#agent);
  }
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
