import type { IncomingMessage } from 'node:http';
import { Agent, request as send } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Node } from '../../api/core/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { Reply } from '../http/reply.ts';
import type { KubeletProxy, KubeletTarget } from '../http/streams.ts';
import { kubeletAddress } from './kubelet-address.ts';
import { callBackend, type Destination } from './backend.ts';
import { passThrough, streamAnswer } from './pass-through.ts';
import { upgradeThrough } from './upgrade-through.ts';

/** How the API server shows itself to kubelets, and by which authority it knows them. PEM texts. */
export interface KubeletAccess {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Asks kubelets something as the API server itself. */
export interface KubeletReader {
  /** The text at a path of a node's kubelet. Rejects when the kubelet cannot be reached or refuses. */
  read(node: Readonly<Node>, path: string, signal: AbortSignal): Promise<string>;
}

export interface KubeletConnections extends KubeletProxy, KubeletReader {
  /** Shows kubelets another certificate from now on. */
  useIdentity(identity: Pick<KubeletAccess, 'certificate' | 'key'>): void;
}

/** No more of a kubelet's refusal is read. */
const longestRefusal = 10_000;

/**
 * Passes requests on to kubelets. The client is authorized before: the kubelet sees the API server's certificate, and
 * none of the client's credentials. Upgraded connections are a plain tunnel, whatever is spoken in it.
 */
export function createKubeletProxy(access: KubeletAccess): KubeletConnections {
  const agentOf = ({ certificate, key }: Pick<KubeletAccess, 'certificate' | 'key'>): Agent =>
    new Agent({ ca: access.authority, cert: certificate, key, keepAlive: true, maxFreeSockets: 16 });
  let agent = agentOf(access);
  return {
    proxyStream: (reply, target) => proxyStream(reply, { ...target, secure: { agent } }),
    proxyRequest: (reply, target) => passThrough(reply, { ...target, secure: { agent } }),
    proxyUpgrade: (exchange, target) => upgradeThrough(exchange, { ...target, secure: { agent } }),
    read: (node, path, signal) => read({ ...kubeletAddress(node), path }, agent, signal),
    // What the old one has open goes on, and what is idle kubelets close.
    useIdentity: (identity) => void (agent = agentOf(identity)),
  };
}

function read({ host, port, path }: KubeletTarget, agent: Agent, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = send({ host, port, path, agent, method: 'GET', signal });
    call.once('error', reject);
    call.once('response', (answer) => {
      void text(answer).then((said) => {
        if (answer.statusCode === 200) resolve(said);
        else reject(new Error(`Cannot read "https://${host}:${port}${path}": ${answer.statusCode} ${said.trim()}`));
      }, reject);
    });
    call.end();
  });
}

/** Streams the kubelet's answer as it comes. Throws a `StatusError` when the kubelet refuses or cannot be reached. */
async function proxyStream(reply: Reply, target: Destination): Promise<void> {
  const { call, came } = callBackend(target, { method: 'GET', headers: {} }, reply.exchange.signal);
  call.end();
  const { answer } = await came.catch((error: Error) => {
    const address = hostAndPort(target.host, target.port);
    const why = `Get "https://${address}${target.path}": ${goNetworkProblem(error, address)}`;
    throw refused.other(500, undefined, why);
  });
  const code = answer.statusCode ?? 500;
  if (code >= 300) throw await refusalOf(code, answer);
  const stream = reply.stream(code, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
  await streamAnswer(stream, answer);
}

async function refusalOf(code: number, answer: IncomingMessage): Promise<StatusError> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestRefusal) break;
  }
  if (code === 400) return refused.badRequest(text);
  if (code === 404) return refused.other(404, 'NotFound', `the server could not find the requested resource (${text})`);
  return code === 500 ? refused.internal(text) : refused.other(code, undefined, text);
}
