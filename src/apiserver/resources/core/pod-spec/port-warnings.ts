import type { ContainerPort, PodSpec } from '../../../../api/core/v1/types.ts';
import { visitContainers } from './visit.ts';

/** Each pair of ports may be worth a text: of thousands nobody reads more, and no answer has room for them. */
const mostTexts = 1000;
/** Ports of one number that a further one is compared with. */
const mostOthers = 100;

/** Ports that are declared twice, in one container or in two. */
export function portWarnings(spec: PodSpec, path: string): string[] {
  const texts: string[] = [];
  const seen = new Map<string, { readonly field: string; readonly port: ContainerPort }[]>();
  visitContainers(spec, path, ({ ports = [] }, container) => {
    ports.forEach((port, i) => {
      const field = `${container}.ports[${i}]`;
      if (port.hostIP && !port.hostPort) texts.push(`${field}: hostIP set without hostPort: ${goPort(port)}`);
      const key = `${port.containerPort}/${port.protocol}`;
      const others = seen.get(key) ?? [];
      for (const other of others) {
        if (texts.length >= mostTexts) return;
        const relation = relationOf(port, other.port);
        if (relation !== undefined) texts.push(`${field}: ${relation} port definition with ${other.field}`);
      }
      if (others.length < mostOthers) others.push({ field, port });
      seen.set(key, others);
    });
  });
  return texts;
}

function relationOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const { hostIP = '', hostPort = 0 } = a;
  const { hostIP: otherIP = '', hostPort: otherPort = 0 } = b;
  if (hostIP === otherIP && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  return hostPort === otherPort && (hostIP === '') !== (otherIP === '') ? 'dangerously ambiguous' : undefined;
}

/** As Go prints the struct. */
function goPort({ name, hostPort, containerPort, protocol, hostIP }: ContainerPort): string {
  const fields = {
    Name: name,
    HostPort: hostPort ?? 0,
    ContainerPort: containerPort,
    Protocol: protocol,
    HostIP: hostIP,
  };
  return `{${Object.entries(fields)
    .map(([key, value]) => `${key}:${value ?? ''}`)
    .join(' ')}}`;
}
