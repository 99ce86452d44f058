import type { Pod, Service } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Request, Response } from '../http/exchange.ts';
import type { ResourceRequestInfo } from '../http/request-info.ts';
import type { Core } from '../rest/operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';
import { passOn, restOfPath } from './pass-on.ts';
import { parseProxyName, podTarget, serviceTarget, type ProxyTarget } from './proxy-target.ts';

/** Whether a request is for the web server of a pod or behind a Service (`pods/x/proxy/…`, `services/x/proxy/…`). */
export function isWorkloadProxy({ type }: ServedVersion, { subresource }: ResourceRequestInfo): boolean {
  return subresource === 'proxy' && type.group === '' && (type.resource === 'pods' || type.resource === 'services');
}

/**
 * Passes a request on to a pod and streams the answer back. The client was authorized before; its credentials stay here.
 * Throws a `StatusError` when there is nowhere to go to or nobody answers.
 */
export async function proxyToWorkload(
  core: Core,
  served: ServedVersion,
  info: ResourceRequestInfo,
  request: Request,
  response: Response,
): Promise<void> {
  const { scheme, host, port } = targetOf(core, served, info);
  // Pods have certificates of their own making, if any: the path to them is the cluster's network.
  const secure = scheme === 'https' ? { rejectUnauthorized: false } : undefined;
  await passOn(request, response, { host, port, path: restOfPath(info, request), ...(secure && { secure }) });
}

function targetOf(core: Core, served: ServedVersion, { namespace, name = '' }: ResourceRequestInfo): ProxyTarget {
  const wanted = parseProxyName(name);
  const entry = core.cache.kind(served.prefix).get(storageKey(served, namespace, wanted.name));
  if (entry === undefined) throw refused.notFound(served.type, wanted.name);
  const object = entry.object(served.form);
  return served.type.resource === 'pods'
    ? podTarget(object as Readonly<Pod>, wanted)
    : serviceTarget(core.context, object as Readonly<Service>, wanted);
}
