import type { Container, HTTPGetAction } from '../../api/core/v1/types.ts';
import { goQuote } from '../../apimachinery/go-text.ts';

/**
 * The number of a port that is given by number or by its name in the container. Throws Kubernetes' words for a name that is
 * not there, which it reads as a number in the end.
 */
export function portNumber(port: number | string, container: Readonly<Pick<Container, 'ports'>>): number {
  const named = typeof port === 'number' ? undefined : container.ports?.find(({ name }) => name === port);
  if (named === undefined && !/^[+-]?\d+$/.test(String(port)))
    throw new Error(`strconv.Atoi: parsing ${goQuote(String(port))}: invalid syntax`);
  const number = named?.containerPort ?? Number(port);
  if (number <= 0 || number > 65_535) throw new Error(`invalid port number: ${number}`);
  return number;
}

/** Where a probe or hook asks: at the pod's address unless it names a host. */
export function probeUrl({ host, path = '/', scheme = 'HTTP' }: HTTPGetAction, podIp: string, port: number): string {
  const address = host === undefined || host === '' ? podIp : host;
  const bracketed = address.includes(':') ? `[${address}]` : address;
  return `${scheme.toLowerCase()}://${bracketed}:${port}${path.startsWith('/') ? path : `/${path}`}`;
}
