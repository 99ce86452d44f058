import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { IngressCluster } from './ingress-cluster.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the server showed, over HTTPS. */
  readonly certificate?: PeerCertificate;
}

/** Asks nginx for a URL as if its host's name led to it; any certificate will do. */
export async function get(
  { httpPort, httpsPort }: Pick<IngressCluster, 'httpPort' | 'httpsPort'>,
  url: string,
  options: Pick<RequestOptions, 'agent' | 'headers' | 'method'> & { readonly body?: string } = {},
): Promise<Answer> {
  const { protocol, hostname } = new URL(url);
  const isSecure = protocol === 'https:';
  const { body, ...others } = options;
  const common = {
    host: '127.0.0.1',
    // As it is written: `new URL` would tidy the path.
    agent: false as const,
    path: /^https?:\/\/[^/]*(.*)$/.exec(url)?.[1] || '/',
    ...others,
    headers: { host: hostname, ...options.headers },
  };
  return await new Promise((resolve, reject) => {
    const call = isSecure
      ? httpsRequest({ ...common, port: httpsPort, servername: hostname, rejectUnauthorized: false })
      : httpRequest({ ...common, port: httpPort });
    call.on('error', (error) => reject(Object.assign(error, { reusedSocket: call.reusedSocket })));
    call.on('response', (response) => {
      const shown = isSecure ? { certificate: (response.socket as TLSSocket).getPeerCertificate() } : {};
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
          ...shown,
        }),
      );
    });
    call.end(body);
  });
}

/** Who answered, and what it saw: the test's backends say so. */
export function seenBy({ status, body }: Answer): string {
  if (status !== 200) return String(status);
  const { name, url } = JSON.parse(body) as { name: string; url: string };
  return `${name} ${url}`;
}
