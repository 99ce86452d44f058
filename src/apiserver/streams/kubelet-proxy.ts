import type { IncomingMessage } from 'node:http';
import { Agent, request as send } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect } from 'node:tls';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import { refused, type Status, type StatusError } from '../../apimachinery/status.ts';
import type { Request, Response } from '../http/exchange.ts';
import type { KubeletProxy, KubeletTarget } from '../http/streams.ts';
import { upgradeHead } from './upgrade-head.ts';

/** How the API server shows itself to kubelets, and by which authority it knows them. PEM texts. */
export interface KubeletAccess {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** No more of a kubelet's refusal is read. */
const longestRefusal = 10_000;

/**
 * Passes requests on to kubelets. The client is authorized before: the kubelet sees the API server's certificate, and
 * none of the client's credentials. Upgraded connections are a plain tunnel, whatever is spoken in it.
 */
export function createKubeletProxy(access: KubeletAccess): KubeletProxy {
  const identity = { ca: access.authority, cert: access.certificate, key: access.key };
  const agent = new Agent({ ...identity, keepAlive: true, maxFreeSockets: 16 });
  return {
    proxyStream: (request, response, target) => proxyStream(request, response, target, agent),
    proxyUpgrade(request, socket, head, target) {
      const kubelet = connect({ ...identity, host: target.host, port: target.port, ALPNProtocols: ['http/1.1'] });
      kubelet.setNoDelay(true);
      kubelet.once('secureConnect', () => {
        kubelet.write(upgradeHead(request, target));
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

/** Streams the kubelet's answer as it comes. Throws a `StatusError` when the kubelet refuses or cannot be reached. */
async function proxyStream(_request: Request, response: Response, target: KubeletTarget, agent: Agent): Promise<void> {
  const answer = await ask(response, target, agent);
  const code = answer.statusCode ?? 500;
  if (code >= 300) throw await refusalOf(code, answer);
  response.writeHead(code, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
  (response as Partial<Pick<IncomingResponse, 'flushHeaders'>>).flushHeaders?.();
  await pipeline(answer, response as NodeJS.WritableStream).catch(() => {}); // one of both has gone: nobody is left to be told
}

interface IncomingResponse {
  flushHeaders(): void;
}

function ask(response: Response, { host, port, path }: KubeletTarget, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = send({ host, port, path, agent, method: 'GET' });
    call.once('response', resolve);
    call.once('error', (error) => {
      const address = hostAndPort(host, port);
      const why = `Get "https://${address}${path}": ${goNetworkProblem(error, address)}`;
      reject(refused.other(500, undefined, why));
    });
    (response as NodeJS.EventEmitter).once('close', () => call.destroy());
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
