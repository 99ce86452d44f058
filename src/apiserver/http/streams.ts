import type { Duplex } from 'node:stream';
import type { Pod } from '../../api/core/v1/types.ts';
import { Nodes } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import { admission } from '../rest/write.ts';
import type { Core, Operation } from '../rest/operation.ts';
import { storageKey, type ServedVersion } from '../catalog/served-version.ts';
import { kubeletAddress, kubeletOfNode } from '../streams/kubelet-address.ts';
import { restOfPath } from '../streams/pass-on.ts';
import type { UserInfo } from '../auth/auth.ts';
import type { Request, Response } from './exchange.ts';
import type { ResourceRequestInfo } from './request-info.ts';

/** Where a node's agent listens, and the path on it. */
export interface KubeletTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Carries bytes between clients and kubelets (streams/). */
export interface KubeletProxy {
  proxyStream(request: Request, response: Response, target: KubeletTarget): Promise<void>;
  /** Any request, answered as the kubelet answers. */
  proxyRequest(request: Request, response: Response, target: KubeletTarget): Promise<void>;
  proxyUpgrade(request: Request, socket: Duplex, head: Buffer, target: KubeletTarget): void;
}

interface StreamCall {
  readonly request: Request;
  readonly response: Response;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  readonly warnings: string[];
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

  handles({ type }: ServedVersion, { subresource }: ResourceRequestInfo): boolean {
    if (type.resource === 'nodes' && type.group === '' && subresource === 'proxy') return true;
    return type.resource === 'pods' && type.group === '' && Object.hasOwn(kubeletPaths, subresource ?? '');
  }

  /** Logs, whatever is asked of a node, and stream requests that were no upgrade. */
  async serve(
    served: ServedVersion,
    info: ResourceRequestInfo,
    { request, response, query, user, warnings }: StreamCall,
  ): Promise<void> {
    if (info.subresource === 'proxy') {
      const path = restOfPath(info, request);
      const host = kubeletOfNode(this.#core.context, info.name ?? '');
      return this.#required().proxyRequest(request, response, { ...host, path });
    }
    const target = await this.#target(served, info, query, user, warnings);
    if (info.subresource !== 'log') throw refused.badRequest('Upgrade request required');
    if (info.verb !== 'get') throw refused.methodNotAllowed();
    if (target === undefined) return void response.writeHead(204).end();
    await this.#required().proxyStream(request, response, target);
  }

  async upgrade(
    served: ServedVersion,
    info: ResourceRequestInfo,
    query: URLSearchParams,
    user: UserInfo,
    request: Request,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    if (!this.handles(served, info) || info.subresource === 'log' || info.subresource === 'proxy')
      throw refused.badRequest(`cannot upgrade ${info.path}`);
    const target = await this.#target(served, info, query, user, []);
    if (target === undefined) throw new Error(`Cannot open a stream to "${info.name}": it has no node`);
    this.#required().proxyUpgrade(request, socket, head, target);
  }

  #required(): KubeletProxy {
    if (this.#proxy === undefined) throw refused.unavailable('this server has no connection to nodes');
    return this.#proxy;
  }

  /** Undefined for the log of a pod that has no node yet: it is empty. */
  async #target(
    served: ServedVersion,
    info: ResourceRequestInfo,
    query: URLSearchParams,
    user: UserInfo,
    warnings: string[],
  ): Promise<KubeletTarget | undefined> {
    const { namespace, name = '', subresource = '' } = info;
    const entry = this.#core.cache.kind(served.prefix).get(storageKey(served, namespace, name));
    if (entry === undefined) throw refused.notFound(served.type, name);
    const pod = entry.object(served.form) as Readonly<Pod>;
    const container = containerOf(pod, query.get('container') ?? '', subresource);
    if (subresource !== 'log') await this.#admit(served, info, query, user, warnings);
    const nodeName = pod.spec.nodeName ?? '';
    if (nodeName === '') {
      if (subresource === 'log') return undefined;
      throw refused.badRequest(`pod ${name} does not have a host assigned`);
    }
    const node = this.#core.context.lookup(Nodes, { name: nodeName });
    if (node === undefined) throw refused.other(500, undefined, `nodes ${JSON.stringify(nodeName)} not found`);
    const passed = new URLSearchParams(query);
    passed.delete('container');
    const path = [kubeletPaths[subresource]!, namespace!, name, ...(subresource === 'portforward' ? [] : [container])]
      .map(encodeURIComponent)
      .join('/');
    const search = kubeletQuery(passed, subresource);
    return { ...kubeletAddress(node), path: `/${path}${search === '' ? '' : `?${search}`}` };
  }

  async #admit(
    served: ServedVersion,
    info: ResourceRequestInfo,
    query: URLSearchParams,
    user: UserInfo,
    warnings: string[],
  ): Promise<void> {
    const { namespace, name = '', subresource = '' } = info;
    const request: Operation['request'] = {
      verb: 'create',
      type: served.type,
      name,
      subresource,
      ...(namespace === undefined ? {} : { namespace }),
    };
    const operation: Operation = {
      request,
      served,
      user,
      userAgent: '',
      body: undefined,
      warn: (text) => warnings.push(text),
    };
    const plugins = admission(this.#core, operation, {
      operation: 'CONNECT',
      name,
      options: Object.fromEntries(query),
    });
    await plugins.mutate();
    await plugins.validate();
  }
}

/** PodExecOptions speak of stdin and stdout; the kubelet's own protocol of input and output. */
function kubeletQuery(query: URLSearchParams, subresource: string): string {
  if (subresource === 'log' || subresource === 'portforward') return query.toString();
  const passed = new URLSearchParams();
  const names: Record<string, string> = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' };
  for (const [name, value] of query) {
    const to = names[name];
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
