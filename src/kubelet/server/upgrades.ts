import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { commandProtocols, plainProtocol } from './channels.ts';
import { bridgeCommand } from './command-bridge.ts';
import type { KubeletHost } from './kubelet-host.ts';
import { bridgePorts } from './port-bridge.ts';
import { RequestRefusal } from './refusal.ts';
import type { CommandTarget, RequestTarget } from './request-target.ts';
import { dialSpdy, tunnelSpdy, upgradeToSpdy } from './streaming-url.ts';
import { bridgeTunnel, portForwardProtocol, tunnelProtocol } from './tunnel-bridge.ts';

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

const largestMessage = 64 * 1024 * 1024;
const portProtocols = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'portforward.k8s.io'];

const commandSockets = webSocketServer(commandProtocols.map(({ name }) => name));
const portSockets = webSocketServer(portProtocols);
/** The name of the tunnel's protocol has a slash, which the library does not take: it is kept from it. */
const tunnelSockets = webSocketServer([]);
tunnelSockets.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`));

function webSocketServer(protocols: readonly string[]): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });
}

/**
 * Connects a client that upgrades its connection with the runtime's streaming server. SPDY passes as it is; WebSockets are
 * translated to it. Throws {@link RequestRefusal} while the client can still be told.
 */
export async function serveUpgrade(host: KubeletHost, target: RequestTarget, upgrade: Upgrade): Promise<void> {
  if (target.kind !== 'exec' && target.kind !== 'attach' && target.kind !== 'portForward')
    throw new RequestRefusal(404, 'not found');
  const wanted = upgrade.request.headers.upgrade?.toLowerCase() ?? '';
  if (wanted !== 'websocket' && !wanted.startsWith('spdy/'))
    throw new RequestRefusal(400, `cannot upgrade to "${wanted}"`);
  if (!host.pods().some(({ metadata }) => metadata.namespace === target.namespace && metadata.name === target.pod))
    throw new RequestRefusal(404, 'pod does not exist');
  const url = await streamingUrl(host, target);
  if (wanted !== 'websocket') tunnelSpdy(url, upgrade.request.headers, upgrade.socket, upgrade.head);
  else if (target.kind === 'portForward') await forwardPorts(url, target.ports, upgrade);
  else await runCommand(url, target, upgrade);
}

async function streamingUrl(
  host: KubeletHost,
  target: CommandTarget | (RequestTarget & { kind: 'portForward' }),
): Promise<string> {
  const { runtime } = host;
  if (target.kind === 'portForward') {
    const sandbox = host.findSandbox(target.namespace, target.pod, target.uid);
    if (sandbox === undefined) throw new RequestRefusal(500, `pod not found ("${target.pod}_${target.namespace}")`);
    return await fromRuntime(runtime.portForward(sandbox, target.ports));
  }
  if (!target.stdin && !target.stdout && !target.stderr)
    throw new RequestRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
  const found = host.findContainer(target.namespace, target.pod, target.container, false, target.uid);
  const isRunning = typeof found !== 'string' && (await runs(runtime, found.containerId));
  if (typeof found === 'string' || !isRunning)
    throw new RequestRefusal(500, `container not found (${JSON.stringify(target.container)})`);
  return await fromRuntime(
    target.kind === 'exec' ? runtime.exec(found.containerId, target) : runtime.attach(found.containerId, target),
  );
}

async function runs(runtime: ContainerRuntime, containerId: string): Promise<boolean> {
  return (await fromRuntime(runtime.containerStatus(containerId)))?.state === 'running';
}

async function fromRuntime<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new RequestRefusal(500, (error as Error).message);
  }
}

async function runCommand(url: string, target: CommandTarget, upgrade: Upgrade): Promise<void> {
  const offered = protocolsOf(upgrade.request);
  const protocol = offered.length === 0 ? plainProtocol : commandProtocols.find(({ name }) => offered.includes(name));
  if (protocol === undefined) throw new RequestRefusal(400, `none of the protocols ${offered.join(', ')} is known`);
  const runtime = await fromRuntime(dialSpdy(url, protocol.spdy));
  accept(commandSockets, upgrade, (client) => bridgeCommand(client, protocol, target, runtime));
}

async function forwardPorts(url: string, ports: readonly number[], upgrade: Upgrade): Promise<void> {
  const offered = protocolsOf(upgrade.request);
  if (offered.includes(tunnelProtocol)) {
    const runtime = await fromRuntime(upgradeToSpdy(url, portForwardProtocol));
    delete upgrade.request.headers['sec-websocket-protocol'];
    return accept(tunnelSockets, upgrade, (client) => bridgeTunnel(client, runtime));
  }
  if (ports.length === 0) throw new RequestRefusal(400, "query parameter 'port' is required");
  if (ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535))
    throw new RequestRefusal(400, `ports must be numbers from 1 to 65535: ${ports.join(', ')}`);
  const runtime = await fromRuntime(dialSpdy(url, portForwardProtocol));
  const form =
    offered.includes('v4.base64.channel.k8s.io') && !offered.includes('v4.channel.k8s.io') ? 'base64' : 'binary';
  accept(portSockets, upgrade, (client) => bridgePorts(client, form, ports, runtime));
}

function protocolsOf({ headers }: IncomingMessage): string[] {
  const text = headers['sec-websocket-protocol'] ?? '';
  return text
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}

function accept(
  server: WebSocketServer,
  { request, socket, head }: Upgrade,
  connected: (client: WebSocket) => void,
): void {
  server.handleUpgrade(request, socket, head, connected);
}
