import { isStatus, type StatusError } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../http/reply.ts';
import type { RequestContext } from '../request/context.ts';
import type { Target } from '../request/target.ts';
import type { Destination } from '../streams/backend.ts';
import { passThrough } from '../streams/pass-through.ts';
import { isUpgrade } from '../streams/proxy-request.ts';
import { upgradeThrough } from '../streams/upgrade-through.ts';
import { isAvailable, type RemoteApiService } from './aggregated-versions.ts';
import { identityHeaders, type FrontProxy } from './front-proxy.ts';
import { locationOf } from './location.ts';

/**
 * Passes requests for versions that other servers answer on to them, as the user who asks. Authorized they were as any
 * other; the other server may refuse them still.
 */
export class Aggregator {
  readonly #context: ServerContext;
  readonly #frontProxy: FrontProxy | undefined;

  constructor(context: ServerContext, frontProxy: FrontProxy | undefined) {
    this.#context = context;
    this.#frontProxy = frontProxy;
  }

  /** Whatever goes wrong before the answer has begun is told as plain text, as Kubernetes does. */
  async serve(reply: Reply, { target, user }: RequestContext, service: RemoteApiService): Promise<void> {
    if (!isAvailable(service)) return reply.text(503, 'service unavailable\n');
    try {
      const destination = this.destination(service, pathOf(target, reply.exchange.target));
      const headers = identityHeaders(user);
      if (isUpgrade(reply.exchange)) reply.status = await upgradeThrough(reply.exchange, destination, { headers });
      else await passThrough(reply, destination, { headers });
    } catch (error) {
      if (reply.exchange.hasResponded || !isStatus(error, 'ServiceUnavailable')) throw error;
      reply.text(503, `${(error as StatusError).message}\n`);
    }
  }

  /** Throws ServiceUnavailable when there is nowhere to go to. */
  destination(service: RemoteApiService, path: string): Destination {
    const { namespace = '', name = '' } = service.spec.service;
    const { caBundle = '', insecureSkipTLSVerify = false } = service.spec;
    const { key, certificate } = this.#frontProxy?.client ?? {};
    return {
      ...locationOf(this.#context, service.spec.service),
      path,
      secure: {
        servername: `${name}.${namespace}.svc`,
        rejectUnauthorized: !insecureSkipTLSVerify,
        ...(caBundle !== '' && { ca: Buffer.from(caBundle, 'base64') }),
        ...(key !== undefined && { key, cert: certificate }),
      },
    };
  }
}

/** What was authorized, written anew: the other server must not read another path out of what was sent. */
function pathOf({ path }: Target, sent: string): string {
  const mark = sent.indexOf('?');
  const words = path.split('/').map(encodeURIComponent).join('/');
  return `/${words.replace(/^\/+/, '')}${mark < 0 ? '' : sent.slice(mark).replace(/[^!-~]/g, encodeURIComponent)}`;
}
