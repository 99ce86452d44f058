import { isIP } from 'node:net';

/** Where another name server listens. */
export interface NameServer {
  readonly host: string;
  readonly port: number;
}

const usualPort = 53;

/** The name servers of a resolv.conf: what is not an address is passed over. */
export function nameServersOf(addresses: readonly string[]): NameServer[] {
  return [...new Set(addresses)].filter((host) => isIP(host) !== 0).map((host) => ({ host, port: usualPort }));
}
