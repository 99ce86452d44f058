import { Agent } from 'node:https';
import type { WebhookClientConfig } from '../../../api/admissionregistration/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../../apimachinery/go-network.ts';
import { deadline } from '../../../base/abort.ts';
import { locationOf } from '../../aggregation/location.ts';
import type { ServerContext } from '../../context.ts';
import { callBackend, type Destination } from '../../streams/backend.ts';
import { AnswerTooLongError, boundedText } from '../../streams/bounded-text.ts';

/** As much as Kubernetes reads of an answer, in bytes. */
const longestAnswer = 3 * 1024 * 1024;
/** No more of a refusal is shown. */
const longestProblem = 1024;

/** The way to one webhook; its connections are kept for its next questions. */
export class WebhookConnection implements Disposable {
  readonly #config: Readonly<WebhookClientConfig>;
  readonly #context: ServerContext;
  readonly #agent: Agent;

  constructor(config: Readonly<WebhookClientConfig>, context: ServerContext) {
    this.#config = config;
    this.#context = context;
    const { caBundle = '' } = config;
    this.#agent = new Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      ...(caBundle !== '' && { ca: Buffer.from(caBundle, 'base64') }),
    });
  }

  /** Posts JSON and answers what came. Throws in the words of Go's client, with the URL. */
  async post(body: string, timeoutSeconds: number): Promise<string> {
    const { url, destination } = this.#destination(`?timeout=${timeoutSeconds}s`);
    const place = hostAndPort(destination.host, destination.port);
    using limit = deadline(this.#context.clock, timeoutSeconds * 1000);
    try {
      return await this.#postOnce(destination, body, limit.signal);
    } catch (error) {
      if (error instanceof AnswerError || error instanceof AnswerTooLongError) throw error;
      const why = limit.signal.aborted ? 'context deadline exceeded' : goNetworkProblem(error as Error, place);
      throw new Error(`Post ${JSON.stringify(url)}: ${why}`, { cause: error });
    }
  }

  async #postOnce(destination: Destination, body: string, signal: AbortSignal): Promise<string> {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, */*',
      'user-agent': 'kube-apiserver-admission',
    };
    const { call, came } = callBackend(destination, { method: 'POST', headers }, signal);
    call.end(body);
    try {
      const { answer } = await came;
      const text = await boundedText(answer, longestAnswer);
      if (answer.statusCode !== 200) throw new AnswerError(problemOf(answer.statusCode ?? 0, text));
      return text;
    } catch (error) {
      call.destroy();
      // A kept connection may have ended just then: the question has not been heard.
      if (call.reusedSocket && (error as { code?: unknown }).code === 'ECONNRESET' && !signal.aborted)
        return await this.#postOnce(destination, body, signal);
      throw error;
    }
  }

  #destination(query: string): { readonly url: string; readonly destination: Destination } {
    const { url, service } = this.#config;
    const agent = this.#agent;
    if (service === undefined) {
      // Checked when it was configured: there is nothing else in it.
      const [, six, host = six, port = '443', path = '/'] =
        /^https:\/\/(?:\[([^\]]+)\]|([^/:]+))(?::(\d+))?(\/.*)?$/i.exec(url ?? '') ?? [];
      return {
        url: `${url}${query}`,
        destination: { host: host ?? '', port: Number(port), path: `${path}${query}`, secure: { agent } },
      };
    }
    const { name, namespace, path = '/' } = service;
    const servername = `${name}.${namespace}.svc`;
    const full = `${path}${query}`;
    const place = { ...locationOf(this.#context, service), path: full, secure: { agent, servername } };
    return { url: `https://${servername}:${service.port ?? 443}${full}`, destination: place };
  }

  /** Closes what is idle now, and what is in use when it is not any more. */
  [Symbol.dispose](): void {
    this.#agent.maxFreeSockets = 0;
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const one of sockets ?? []) one.destroy();
  }
}

/** The webhook has answered, but not with a review. */
class AnswerError extends Error {}

function problemOf(status: number, text: string): string {
  if (status === 404) return 'the server could not find the requested resource';
  if (status === 401) return 'the server has asked for the client to provide credentials';
  const shown = JSON.stringify(text.trim().slice(0, longestProblem));
  if (status >= 500) return `an error on the server (${shown}) has prevented the request from succeeding`;
  return `the server rejected our request for an unknown reason (status ${status}: ${shown})`;
}
