import { request as sendPlain, type IncomingMessage } from 'node:http';
import { request as sendSecure } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Pod, Service } from '../../api/core/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Request, Response } from '../http/exchange.ts';
import type { ResourceRequestInfo } from '../http/request-info.ts';
import type { Core } from '../rest/operation.ts';
import { storageKey, type Served } from '../rest/registry.ts';
import { parseProxyName, podTarget, serviceTarget, type ProxyTarget } from './proxy-target.ts';

/** Headers that are about one connection, or that would give away who asks. */
const kept = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-length',
  'content-type',
  'cookie',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'origin',
  'range',
  'referer',
  'user-agent',
]);
const connectionHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a request is for the web server of a pod or behind a Service (`pods/x/proxy/…`, `services/x/proxy/…`). */
export function isWorkloadProxy({ type }: Served, { subresource }: ResourceRequestInfo): boolean {
  return subresource === 'proxy' && type.group === '' && (type.resource === 'pods' || type.resource === 'services');
}

/**
 * Passes a request on to a pod and streams the answer back. The client was authorized before; its credentials stay here.
 * Throws a `StatusError` when there is nowhere to go to or nobody answers.
 */
export async function proxyToWorkload(
  core: Core,
  served: Served,
  info: ResourceRequestInfo,
  request: Request,
  response: Response,
): Promise<void> {
  const target = targetOf(core, served, info);
  const query = request.url?.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
  const path = `/${info.rest.map(encodeURIComponent).join('/')}${info.path.endsWith('/') && info.rest.length > 0 ? '/' : ''}${query}`;
  const answer = await ask(request, target, path);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined && !connectionHeaders.has(name)) response.setHeader(name, value);
  }
  response.writeHead(answer.statusCode ?? 502);
  // When one of both has gone, nobody is left to be told.
  await pipeline(answer, response as NodeJS.WritableStream).catch(() => {});
}

function targetOf(core: Core, served: Served, { namespace, name = '' }: ResourceRequestInfo): ProxyTarget {
  const wanted = parseProxyName(name);
  const entry = core.cache.kind(served.prefix).get(storageKey(served, namespace, wanted.name));
  if (entry === undefined) throw refused.notFound(served.type, wanted.name);
  const object = entry.object(served.form);
  return served.type.resource === 'pods'
    ? podTarget(object as Readonly<Pod>, wanted)
    : serviceTarget(core.context, object as Readonly<Service>, wanted);
}

function ask(request: Request, { scheme, host, port }: ProxyTarget, path: string): Promise<IncomingMessage> {
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => kept.has(name)));
  const send = scheme === 'https' ? sendSecure : sendPlain;
  return new Promise((resolve, reject) => {
    // Pods have certificates of their own making, if any: the path to them is the cluster's network.
    const call = send({
      host,
      port,
      path,
      method: request.method ?? 'GET',
      headers,
      ...(scheme === 'https' ? { rejectUnauthorized: false } : {}),
    });
    call.once('response', resolve);
    call.once('error', (error) => {
      const why = goNetworkProblem(error, hostAndPort(host, port));
      reject(refused.unavailable(`error trying to reach service: ${why}`));
    });
    request.once('close', () => request.readableEnded || call.destroy());
    request.pipe(call);
  });
}
