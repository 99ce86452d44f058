import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { goNetworkProblem, hostAndPort } from '../../apimachinery/go-network.ts';
import type { Clock } from '../../base/clock.ts';
import { askGrpc } from './grpc-probe.ts';
import type { HttpTarget, ProbeAnswer, Prober, TcpTarget } from './prober.ts';

export interface NetworkProberOptions {
  readonly clock: Clock;
  /** `1.36`: shown to the probed. */
  readonly version: string;
}

const mostRedirects = 10;
const longestBody = 10 * 1024;
const success: ProbeAnswer = { success: true, output: '' };

/** Asks over the network in which this process runs. */
export function networkProber(options: NetworkProberOptions): Prober {
  return {
    http: (target, timeoutMs) => askHttp(options, target, timeoutMs),
    tcp: (target, timeoutMs) => askTcp(options, target, timeoutMs),
    grpc: (target, timeoutMs) => askGrpc(options, target, timeoutMs),
  };
}

async function askHttp(
  options: NetworkProberOptions,
  { url, headers }: HttpTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const { clock } = options;
  const endsAt = clock.monotonic() + timeoutMs;
  let next = new URL(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const answer = await getOnce(options, next, headers, endsAt - clock.monotonic());
    if ('problem' in answer) return { success: false, output: `Get "${url}": ${answer.problem}` };
    const { status, location } = answer;
    if (status < 200 || status >= 400)
      return { success: false, output: `HTTP probe failed with statuscode: ${status}` };
    if (status < 300 || location === undefined) return success;
    const target = new URL(location, next);
    // Elsewhere it is another's health: that there is an answer at all must do.
    if (target.hostname !== next.hostname) return success;
    next = target;
  }
  return { success: false, output: `Get "${url}": stopped after ${mostRedirects} redirects` };
}

type HttpAnswer = { readonly status: number; readonly location?: string } | { readonly problem: string };

function getOnce(
  { clock, version }: NetworkProberOptions,
  url: URL,
  headers: HttpTarget['headers'],
  leftMs: number,
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const call = send(url, { agent: false, rejectUnauthorized: false, headers: headersOf(headers, version) });
    let connected = false;
    const timer = clock.setTimer(leftMs, () =>
      finish({
        problem: connected
          ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
          : `dial tcp ${addressOf(url)}: i/o timeout`,
      }),
    );
    call.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    call.on('error', (error) => finish({ problem: goNetworkProblem(error, addressOf(url)) }));
    call.on('response', (response: IncomingMessage) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > longestBody) answered(response);
      });
      response.on('end', () => answered(response));
      response.on('error', () => answered(response));
    });
    call.end();

    function answered({ statusCode = 0, headers: found }: IncomingMessage): void {
      finish({ status: statusCode, ...(found.location !== undefined && { location: found.location }) });
    }
    function finish(answer: HttpAnswer): void {
      timer.cancel();
      call.destroy();
      resolve(answer);
    }
  });
}

function headersOf(headers: HttpTarget['headers'], version: string): Record<string, string | string[]> {
  const all: Record<string, string | string[]> = {
    'User-Agent': `kube-probe/${version}`,
    Accept: '*/*',
    Connection: 'close',
  };
  const own = new Map<string, string[]>();
  for (const { name, value } of headers) own.set(name, [...(own.get(name) ?? []), value]);
  for (const [name, values] of own) {
    for (const key of Object.keys(all)) if (key.toLowerCase() === name.toLowerCase()) delete all[key];
    if (values.length > 1) all[name] = values;
    else if (values[0] !== '') all[name] = values[0]!;
  }
  return all;
}

function askTcp({ clock }: NetworkProberOptions, { host, port }: TcpTarget, timeoutMs: number): Promise<ProbeAnswer> {
  const address = hostAndPort(host, port);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (answer: ProbeAnswer) => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.setTimer(timeoutMs, () =>
      finish({ success: false, output: `dial tcp ${address}: i/o timeout` }),
    );
    socket.once('connect', () => finish(success));
    socket.on('error', (error) => finish({ success: false, output: goNetworkProblem(error, address) }));
  });
}

function addressOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}
