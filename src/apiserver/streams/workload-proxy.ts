import type { Pod, Service } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Reply } from '../http/reply.ts';
import type { ResourceTarget } from '../request/target.ts';
import type { Core } from '../rest/operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';
import { passThrough } from './pass-through.ts';
import { isUpgrade, redirectedRoot, restOfPath } from './proxy-request.ts';
import { parseProxyName, podTarget, serviceTarget, type ProxyTarget } from './proxy-target.ts';
import { upgradeThrough } from './upgrade-through.ts';

const unreachable = { code: 503, text: 'error trying to reach service' };

/** Passes requests on to the web servers of pods and behind Services. */
export class WorkloadProxy {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Streams the answer back, or opens a way in both directions. The client was authorized before; its credentials stay
   * here. Throws a `StatusError` when there is nowhere to go to or nobody answers.
   */
  async serve(reply: Reply, served: ServedVersion, target: ResourceTarget): Promise<void> {
    const { exchange } = reply;
    const { scheme, host, port } = placeOf(this.#core, served, target);
    // Pods have certificates of their own making, if any: the path to them is the cluster's network.
    const secure = scheme === 'https' ? { rejectUnauthorized: false } : undefined;
    const destination = { host, port, path: restOfPath(target, exchange), ...(secure && { secure }) };
    if (isUpgrade(exchange)) {
      const clientHost = exchange.headers.get('host');
      const options = { unreachable, ...(clientHost !== undefined && { headers: { host: clientHost } }) };
      reply.status = await upgradeThrough(exchange, destination, options);
    } else if (!redirectedRoot(target, reply)) {
      const prefix = `/api/v1/namespaces/${target.namespace}/${served.type.resource}/${target.name}/proxy`;
      await passThrough(reply, destination, { prefix });
    }
  }
}

function placeOf(core: Core, served: ServedVersion, { namespace, name = '' }: ResourceTarget): ProxyTarget {
  const wanted = parseProxyName(name);
  const entry = core.cache.kind(served.prefix).get(storageKey(served, namespace, wanted.name));
  if (entry === undefined) throw refused.notFound(served.type, wanted.name);
  const object = entry.object(served.form);
  return served.type.resource === 'pods'
    ? podTarget(object as Readonly<Pod>, wanted)
    : serviceTarget(core.context, object as Readonly<Service>, wanted);
}
