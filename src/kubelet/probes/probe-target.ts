import type { Container, HTTPGetAction } from '../../api/core/v1/types.ts';

/** The number of a port that is given by number or by its name in the container; `undefined` when there is no such name. */
export function portNumber(port: number | string, container: Readonly<Pick<Container, 'ports'>>): number | undefined {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port);
  if (named !== undefined) return named.containerPort;
  return /^\d+$/.test(port) ? Number(port) : undefined;
}

/** Where a probe or hook asks: at the pod's address unless it names a host. */
export function probeUrl({ host, path = '/', scheme = 'HTTP' }: HTTPGetAction, podIp: string, port: number): string {
  const address = host === undefined || host === '' ? podIp : host;
  const bracketed = address.includes(':') ? `[${address}]` : address;
  return `${scheme.toLowerCase()}://${bracketed}:${port}${path.startsWith('/') ? path : `/${path}`}`;
}
