import { request as send, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { SpdyClient } from './spdy/spdy-client.ts';

/** The runtime's streaming server refused; the message is its answer. */
class StreamingRefusal extends Error {
  override readonly name = 'StreamingRefusal';
}

/** Upgrades a connection to a URL of the runtime's streaming server to SPDY, in the given subprotocol. */
export function upgradeToSpdy(url: string, protocol: string): Promise<{ socket: Duplex; head: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': protocol,
      'content-length': '0',
    };
    const call = send(url, { method: 'POST', headers, agent: false });
    call.once('upgrade', (_answer, socket, head) => {
      socket.setNoDelay(true);
      resolve({ socket, head });
    });
    call.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => reject(new StreamingRefusal(`unable to upgrade connection: ${text.trim()}`)));
    });
    call.once('error', reject);
    call.end();
  });
}

/** The client's end of such a connection. */
export async function dialSpdy(url: string, protocol: string): Promise<SpdyClient> {
  const { socket, head } = await upgradeToSpdy(url, protocol);
  return new SpdyClient(socket, head);
}

/** Headers of an upgrade request that mean something to the streaming server. */
const passedHeaders = ['connection', 'upgrade', 'content-length', 'x-stream-protocol-version'];

/**
 * Connects a client that asked for SPDY with a URL of the runtime's streaming server: its request goes there, and from then
 * on all bytes pass as they are, each direction ended on its own.
 */
export function tunnelSpdy(url: string, headers: IncomingHttpHeaders, client: Duplex, head: Buffer): void {
  const { hostname, port, pathname, search, host } = new URL(url);
  const runtime = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  runtime.setNoDelay(true);
  runtime.once('connect', () => {
    const lines = [`POST ${pathname}${search} HTTP/1.1`, `Host: ${host}`];
    for (const name of passedHeaders) lines.push(...headerLines(name, headers[name]));
    runtime.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) runtime.write(head);
    client.pipe(runtime);
    runtime.pipe(client);
  });
  runtime.once('error', () => client.destroy());
  runtime.once('close', () => {
    client.once('finish', () => client.destroy());
    client.end();
  });
  client.once('error', () => runtime.destroy());
  client.once('close', () => runtime.destroy());
}

/** One line for each protocol: older servers do not take a list apart. */
function headerLines(name: string, value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  const values = Array.isArray(value) ? value : name === 'x-stream-protocol-version' ? value.split(',') : [value];
  return values.map((one) => `${name}: ${one.trim()}`);
}
