import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { PortMapping, PortRequest } from './cluster-spec.ts';
import { UserError } from './problem.ts';

/** Whether both would take the same packets. */
export function clash(a: PortMapping, b: PortMapping): boolean {
  const anywhere = '0.0.0.0';
  const sameAddress = a.listen === b.listen || a.listen === anywhere || b.listen === anywhere;
  return sameAddress && a.hostPort === b.hostPort && a.protocol === b.protocol;
}

/**
 * Finds a port of this machine for each request; the answer has their order. `taken` are those of other clusters: the
 * kernel turns their packets away before any socket is asked, so no socket shows them. Rejects with {@link UserError}
 * that names every port that cannot be had.
 */
export async function chooseHostPorts(
  requests: readonly PortRequest[],
  taken: readonly PortMapping[],
  probe: (mapping: PortMapping) => Promise<PortAnswer> = askKernel,
): Promise<PortMapping[]> {
  const chosen = new Map<PortRequest, PortMapping>();
  const problems: string[] = [];
  // Those that the user has named first: what is free otherwise must not be one of them.
  for (const request of requests.toSorted((a, b) => Number(a.hostPort === 0) - Number(b.hostPort === 0))) {
    const answer = await choose(request, [...taken, ...chosen.values()], probe);
    if (typeof answer === 'string') problems.push(`${request.field}: ${answer}`);
    else chosen.set(request, answer);
  }
  if (problems.length > 0)
    throw new UserError(`Cannot map ports of this machine:\n${problems.map((one) => `  ${one}`).join('\n')}`);
  return requests.map((request) => chosen.get(request)!);
}

/** The port that is free, or the code of the error. */
export type PortAnswer = { readonly port: number } | { readonly code: string };

const attempts = 20;

/** The mapping, or why it cannot be. */
async function choose(
  { field: _, ...request }: PortRequest,
  others: readonly PortMapping[],
  probe: (mapping: PortMapping) => Promise<PortAnswer>,
): Promise<PortMapping | string> {
  const what = `must be free on ${request.listen}, and ${request.protocol} port ${request.hostPort}`;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await probe(request);
    if ('code' in answer) return complaint(what, request, answer.code);
    const mapping = { ...request, hostPort: answer.port };
    if (!others.some((other) => clash(mapping, other))) return mapping;
    if (request.hostPort !== 0) return `${what} is mapped already`;
  }
  return `must be free on ${request.listen}, and no ${request.protocol} port was found`;
}

function complaint(what: string, { listen }: PortMapping, code: string): string {
  if (code === 'EADDRINUSE') return `${what} is in use`;
  if (code === 'EADDRNOTAVAIL') return `must be on an address of this machine, and ${listen} is none`;
  return `${what} cannot be used: ${code}`;
}

/** Listens on the port for a moment. */
export function askKernel({ listen, hostPort, protocol }: PortMapping): Promise<PortAnswer> {
  return new Promise((resolve) => {
    const socket = protocol === 'TCP' ? createServer() : createSocket('udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? error.message }));
    const listening = (): void => {
      const { port } = socket.address() as { port: number };
      socket.close(() => resolve({ port }));
    };
    if ('bind' in socket) socket.bind({ address: listen, port: hostPort, exclusive: true }, listening);
    else socket.listen({ host: listen, port: hostPort, exclusive: true }, listening);
  });
}
