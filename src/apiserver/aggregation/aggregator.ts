import { createSecureContext, type SecureContext } from 'node:tls';
import { mostWeight } from '../../apimachinery/decode/body-weight.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import type { ApiRequest } from '../../apimachinery/request.ts';
import { requestPath } from '../../apimachinery/request-path.ts';
import { isStatus, refused, StatusError, type Status } from '../../apimachinery/status.ts';
import { deadline } from '../../base/abort.ts';
import { Turns } from '../../base/turns.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../http/reply.ts';
import type { RequestContext } from '../request/context.ts';
import type { Target } from '../request/target.ts';
import { callBackend, type Destination } from '../streams/backend.ts';
import { boundedText } from '../streams/bounded-text.ts';
import { passThrough } from '../streams/pass-through.ts';
import { isUpgrade } from '../streams/proxy-request.ts';
import { trustIn } from '../streams/trust.ts';
import { upgradeThrough } from '../streams/upgrade-through.ts';
import { isAvailable, type RemoteApiService } from './aggregated-versions.ts';
import { identityHeaders, type FrontProxy } from './front-proxy.ts';
import { locationOf } from './location.ts';

const answerMs = 5000;
/** Of a request that is passed on, in milliseconds: as long as requests may take in Kubernetes. */
const longestSilenceMs = 60_000;
/** Discovery of one version is some kilobytes, a list of metrics some hundred. */
const longestAnswer = 4 * 1024 * 1024;
/** Metrics of twelve thousand pods. */
const heaviestList = 4 * mostWeight;

export interface Question {
  /** With its query. */
  readonly path: string;
  readonly user: UserInfo;
  readonly signal?: AbortSignal;
  /** How many values its answer may have. */
  readonly heaviest?: number;
}

/**
 * Passes requests for versions that other servers answer on to them, as the user who asks. Authorized they were as any
 * other; the other server may refuse them still.
 */
export class Aggregator {
  readonly #context: ServerContext;
  readonly #frontProxy: FrontProxy | undefined;
  /** Made once for each: to read the certificates takes longer than all the rest of a connection. */
  readonly #secureContexts = new WeakMap<RemoteApiService, SecureContext>();

  constructor(context: ServerContext, frontProxy: FrontProxy | undefined) {
    this.#context = context;
    this.#frontProxy = frontProxy;
  }

  /** Whatever goes wrong before the answer has begun is told as plain text, as Kubernetes does. */
  async serve(reply: Reply, { target, user }: RequestContext, service: RemoteApiService): Promise<void> {
    const destination = this.#destinationNow(service, pathOf(target, reply.exchange.target));
    if (destination === undefined) return reply.text(503, 'service unavailable\n');
    // Hundreds may come together, and each begins a connection.
    await Turns.of(this.#context.clock).share();
    try {
      const headers = identityHeaders(user);
      if (isUpgrade(reply.exchange)) reply.status = await upgradeThrough(reply.exchange, destination, { headers });
      else await passThrough(reply, destination, { headers, answerMs: target.verb === 'watch' ? 0 : longestSilenceMs });
    } catch (error) {
      if (reply.exchange.hasResponded || !isStatus(error, 'ServiceUnavailable')) throw error;
      reply.text(503, `${(error as StatusError).message}\n`);
    }
  }

  /** GETs JSON for a caller in this process. Throws an error that names the URL when there is no answer. */
  async fetch(
    service: RemoteApiService,
    { path, user, signal, heaviest = mostWeight }: Question,
  ): Promise<{ readonly url: string; readonly code: number; readonly text: string }> {
    const destination = this.destination(service, path);
    const place = hostAndPort(destination.host, destination.port);
    const url = `https://${place}${path}`;
    const headers = { ...identityHeaders(user), accept: 'application/json' };
    using limit = deadline(this.#context.clock, answerMs, signal);
    const { call, came } = callBackend(destination, { method: 'GET', headers }, limit.signal);
    call.end();
    try {
      const { answer } = await came;
      return {
        url,
        code: answer.statusCode ?? 0,
        text: await boundedText(answer, { longest: longestAnswer, heaviest }),
      };
    } catch (error) {
      const why = limit.signal.aborted ? 'it takes too long' : goNetworkProblem(error as Error, place);
      throw new Error(`failing or missing response from ${url}: ${why}`, { cause: error });
    } finally {
      call.destroy();
    }
  }

  /** What a caller in this process reads of another server's version. Throws what that server, or its absence, says. */
  async read(service: RemoteApiService, request: ApiRequest, user: UserInfo): Promise<unknown> {
    if (request.verb !== 'get' && request.verb !== 'list') throw refused.methodNotAllowed();
    if (!isAvailable(service)) throw refused.unavailable('service unavailable');
    const { code, text } = await this.fetch(service, {
      path: requestPath(request),
      user,
      heaviest: heaviestList,
    }).catch((error: Error) => {
      throw refused.unavailable(error.message);
    });
    const value = parsed(text);
    if (code === 200 && value !== undefined) return deepFreeze(value);
    throw isStatusObject(value) ? new StatusError(value) : refused.other(code, undefined, text.slice(0, 1024));
  }

  /** Nothing where there is none: the status of an APIService may say for a moment yet that it is available. */
  #destinationNow(service: RemoteApiService, path: string): Destination | undefined {
    if (!isAvailable(service)) return undefined;
    try {
      return this.destination(service, path);
    } catch (error) {
      if (isStatus(error, 'ServiceUnavailable')) return undefined;
      throw error;
    }
  }

  /** Throws ServiceUnavailable when there is nowhere to go to. */
  destination(service: RemoteApiService, path: string): Destination {
    const { namespace = '', name = '' } = service.spec.service;
    return {
      ...locationOf(this.#context, service.spec.service),
      path,
      secure: {
        servername: `${name}.${namespace}.svc`,
        rejectUnauthorized: service.spec.insecureSkipTLSVerify !== true,
        secureContext: this.#secureContext(service),
      },
    };
  }

  #secureContext(service: RemoteApiService): SecureContext {
    let made = this.#secureContexts.get(service);
    if (made === undefined) {
      const { key, certificate } = this.#frontProxy?.client ?? {};
      const own = key === undefined ? {} : { key, cert: certificate };
      made = createSecureContext({ ...trustIn(service.spec.caBundle), ...own });
      this.#secureContexts.set(service, made);
    }
    return made;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStatusObject(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status' && 'code' in value;
}

/** What was authorized, written anew: the other server must not read another path out of what was sent. */
function pathOf({ path }: Target, sent: string): string {
  const mark = sent.indexOf('?');
  const words = path.split('/').map(encodeURIComponent).join('/');
  return `/${words.replace(/^\/+/, '')}${mark < 0 ? '' : sent.slice(mark).replace(/[^!-~]/g, encodeURIComponent)}`;
}
