import type { ContainerPort, PodSpec } from '../../../../api/core/v1/types.ts';
import { visitContainers } from './visit.ts';

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
        const relation = relationOf(port, other.port);
        if (relation !== undefined) texts.push(`${field}: ${relation} port definition with ${other.field}`);
      }
      seen.set(key, [...others, { field, port }]);
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
