import type { IncomingMessage } from 'node:http';
import { Agent, request as send } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { Node } from '../../api/core/v1/types.ts';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused, type Status, type StatusError } from '../../apimachinery/status.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import { onAbort } from '../../base/abort.ts';
import type { KubeletProxy, KubeletTarget } from '../http/streams.ts';
import { kubeletAddress } from './kubelet-address.ts';
import { copy, passOn } from './pass-on.ts';
import { upgradeHead } from './upgrade-head.ts';

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

/** No more of a kubelet's refusal is read. */
const longestRefusal = 10_000;

/**
 * Passes requests on to kubelets. The client is authorized before: the kubelet sees the API server's certificate, and
 * none of the client's credentials. Upgraded connections are a plain tunnel, whatever is spoken in it.
 */
export function createKubeletProxy(access: KubeletAccess): KubeletProxy & KubeletReader {
  const identity = { ca: access.authority, cert: access.certificate, key: access.key };
  const agent = new Agent({ ...identity, keepAlive: true, maxFreeSockets: 16 });
  return {
    proxyStream: (reply, target) => proxyStream(reply, target, agent),
    proxyRequest: ({ exchange }, target) => passOn(exchange, { ...target, secure: { agent } }),
    read: (node, path, signal) => read({ ...kubeletAddress(node), path }, agent, signal),
    proxyUpgrade(exchange, { socket, head }, target) {
      const kubelet = connect({ ...identity, host: target.host, port: target.port, ALPNProtocols: ['http/1.1'] });
      kubelet.setNoDelay(true);
      kubelet.once('secureConnect', () => {
        kubelet.write(upgradeHead(exchange, target));
        if (head.length > 0) kubelet.write(head);
        tunnel(socket, kubelet);
      });
      kubelet.once('error', (error) => {
        if (kubelet.bytesWritten === 0 || kubelet.authorizationError !== null)
          refuse(socket, unreachable(error, target));
        else socket.destroy();
      });
      socket.once('close', () => kubelet.destroy());
      socket.on('error', () => kubelet.destroy());
    },
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
async function proxyStream(reply: Reply, target: KubeletTarget, agent: Agent): Promise<void> {
  const answer = await ask(reply.exchange, target, agent);
  const code = answer.statusCode ?? 500;
  if (code >= 300) throw await refusalOf(code, answer);
  await copy(answer, reply.stream(code, { 'content-type': answer.headers['content-type'] ?? 'text/plain' }));
}

function ask({ signal }: Exchange, { host, port, path }: KubeletTarget, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = send({ host, port, path, agent, method: 'GET' });
    const unlink = onAbort(signal, () => call.destroy());
    call.once('close', unlink);
    call.once('response', resolve);
    call.on('error', (error) => {
      const address = hostAndPort(host, port);
      const why = `Get "https://${address}${path}": ${goNetworkProblem(error, address)}`;
      reject(refused.other(500, undefined, why));
    });
    call.end();
  });
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

/** Both directions, each ended on its own: a client that has sent all may still read. */
function tunnel(client: Duplex, kubelet: Duplex): void {
  client.pipe(kubelet);
  kubelet.pipe(client);
  kubelet.once('close', () => {
    client.once('finish', () => client.destroy());
    client.end();
  });
}

function unreachable(error: Error, { host, port }: KubeletTarget): Status {
  const why = goNetworkProblem(error, hostAndPort(host, port));
  return refused.other(500, undefined, `error dialing backend: ${why}`).status;
}

function refuse(socket: Duplex, status: Status): void {
  const body = `${JSON.stringify(status)}\n`;
  const lines = [
    `HTTP/1.1 ${status.code} Internal Server Error`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
