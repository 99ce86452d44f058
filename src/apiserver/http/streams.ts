import type { Pod } from '../../api/core/v1/types.ts';
import { Nodes } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Core } from '../rest/operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';
import { kubeletAddress, kubeletOfNode } from '../streams/kubelet-address.ts';
import { checkLogOptions } from '../resources/core/pod/log-options.ts';
import { isUpgrade, redirectedRoot, restOfPath } from '../streams/proxy-request.ts';
import { isWebSocket, logMessages, WebSocketExchange } from '../streams/web-socket-exchange.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { RequestContext } from '../request/context.ts';
import { admitConnection } from '../request/connection.ts';
import type { Query } from '../request/query.ts';
import type { Resolved } from '../request/resolve.ts';
import type { ResourceTarget } from '../request/target.ts';
import type { Reply } from './reply.ts';

/** Where a node's agent listens, and the path on it. */
export interface KubeletTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Carries bytes between clients and kubelets (streams/). */
export interface KubeletProxy {
  proxyStream(reply: Reply, target: KubeletTarget): Promise<void>;
  /** Any request, answered as the kubelet answers. */
  proxyRequest(reply: Reply, target: KubeletTarget): Promise<void>;
  /** Resolves with the status of the answer. */
  proxyUpgrade(exchange: Exchange, target: KubeletTarget): Promise<number>;
}

const kubeletPaths: Readonly<Record<string, string>> = {
  log: 'containerLogs',
  exec: 'exec',
  attach: 'attach',
  portforward: 'portForward',
};

/** `log`, `exec`, `attach` and `portforward` of pods, and `proxy` of nodes: served by the kubelet of the node. */
export class Streams {
  readonly #core: Core;
  readonly #proxy: KubeletProxy | undefined;

  constructor(core: Core, proxy: KubeletProxy | undefined) {
    this.#core = core;
    this.#proxy = proxy;
  }

  /** The log of a pod, or a connection into one. */
  async serve(reply: Reply, context: RequestContext, resolved: Extract<Resolved, { kind: 'log' | 'stream' }>) {
    const { query, name = '' } = resolved.target;
    if (resolved.kind === 'log') checkLogOptions((option) => query.get(option), name);
    else await admitConnection(this.#core, context, resolved);
    const target = this.#target(resolved.target, resolved.served);
    if (resolved.kind === 'log') return this.#log(reply, target);
    if (target === undefined) throw new Error(`Cannot open a stream to "${resolved.target.name}": it has no node`);
    if (!isUpgrade(reply.exchange)) throw refused.badRequest('Upgrade request required');
    reply.status = await this.#required().proxyUpgrade(reply.exchange, target);
  }

  async #log(reply: Reply, target: KubeletTarget | undefined): Promise<void> {
    const isOverWebSocket = isWebSocket(reply.exchange);
    if (isOverWebSocket) reply.over(new WebSocketExchange(reply.exchange, logMessages));
    if (target !== undefined) return this.#required().proxyStream(reply, target);
    if (isOverWebSocket) reply.stream(200, {}).end();
    else reply.send(204, '', Buffer.alloc(0));
  }

  /** Whatever is asked of the kubelet of a node. */
  async proxyToNode(reply: Reply, target: ResourceTarget): Promise<void> {
    const { exchange } = reply;
    const kubelet = { ...kubeletOfNode(this.#core.context, target.name ?? ''), path: restOfPath(target, exchange) };
    if (isUpgrade(exchange)) reply.status = await this.#required().proxyUpgrade(exchange, kubelet);
    else if (!redirectedRoot(target, reply)) await this.#required().proxyRequest(reply, kubelet);
  }

  #required(): KubeletProxy {
    if (this.#proxy === undefined) throw refused.unavailable('this server has no connection to nodes');
    return this.#proxy;
  }

  /** Undefined for the log of a pod that has no node yet: it is empty. */
  #target(target: ResourceTarget, served: ServedVersion): KubeletTarget | undefined {
    const { namespace, name = '', subresource = '', query } = target;
    const entry = this.#core.cache.kind(served.prefix).get(storageKey(served, namespace, name));
    if (entry === undefined) throw refused.notFound(served.type, name);
    const pod = entry.object(served.form) as Readonly<Pod>;
    const container = containerOf(pod, query.get('container') ?? '', subresource);
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName === '') {
      if (subresource === 'log') return undefined;
      throw refused.badRequest(`pod ${name} does not have a host assigned`);
    }
    const node = this.#core.context.lookup(Nodes, { name: nodeName });
    if (node === undefined) throw refused.other(500, undefined, `nodes ${JSON.stringify(nodeName)} not found`);
    const path = [kubeletPaths[subresource]!, namespace!, name, ...(subresource === 'portforward' ? [] : [container])]
      .map(encodeURIComponent)
      .join('/');
    const search = kubeletQuery(query, subresource);
    return { ...kubeletAddress(node), path: `/${path}${search === '' ? '' : `?${search}`}` };
  }
}

/** PodExecOptions speak of stdin and stdout; the kubelet's own protocol of input and output. */
function kubeletQuery(query: Query, subresource: string): string {
  const passed = new URLSearchParams();
  const isPlain = subresource === 'log' || subresource === 'portforward';
  const names: Record<string, string> = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' };
  for (const [name, value] of query.pairs) {
    if (name === 'container') continue;
    const to = isPlain || !Object.hasOwn(names, name) ? undefined : names[name];
    if (to !== undefined) {
      if (value === 'true' || value === '1') passed.append(to, '1');
    } else passed.append(name, value);
  }
  return passed.toString();
}

/** The container that is meant: the named one, or the only one. */
function containerOf({ metadata, spec }: Readonly<Pod>, wanted: string, subresource: string): string {
  if (subresource === 'portforward') return '';
  const init = (spec.initContainers ?? []).map(({ name }) => name);
  const main = spec.containers.map(({ name }) => name);
  const ephemeral = (spec.ephemeralContainers ?? []).map(({ name }) => name);
  if (wanted !== '') {
    if ([...init, ...main, ...ephemeral].includes(wanted)) return wanted;
    throw refused.badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  if (main.length === 1) return main[0]!;
  const preferred = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && main.includes(preferred) && subresource !== 'log') return preferred;
  const initText = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw refused.badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${main.join(' ')}]${initText}`,
  );
}
