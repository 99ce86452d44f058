import type { Service } from '../../api/core/v1/types.ts';

/**
 * The variables that tell a container where Services are (Kubernetes' "Service", environment variables): all of its
 * namespace when it asks for links, and the API server's in any case. Headless Services and those without an address
 * have none.
 */
export function serviceEnvironment(
  services: readonly Readonly<Service>[],
  namespace: string,
  wantsLinks: boolean,
): Record<string, string> {
  const isApi = ({ metadata }: Readonly<Service>) => metadata.name === 'kubernetes' && metadata.namespace === 'default';
  const visible = new Map<string, Readonly<Service>>();
  for (const service of services) {
    if (service.spec?.clusterIP === undefined || ['', 'None'].includes(service.spec.clusterIP)) continue;
    const { name } = service.metadata;
    const isOwn = wantsLinks && service.metadata.namespace === namespace;
    if (isOwn || (isApi(service) && !visible.has(name))) visible.set(name, service);
  }
  const variables: Record<string, string> = {};
  const inOrder = [...visible].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, service] of inOrder) Object.assign(variables, variablesOf(service));
  return variables;
}

function variablesOf({ metadata, spec }: Readonly<Service>): Record<string, string> {
  const prefix = variableName(metadata.name);
  const host = spec?.clusterIP ?? '';
  const ports = spec?.ports ?? [];
  const variables: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: host };
  if (ports.length === 0) return variables;
  variables[`${prefix}_SERVICE_PORT`] = String(ports[0]!.port);
  for (const { name, port } of ports) {
    if (name !== undefined && name !== '') variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
  }
  const bracketed = host.includes(':') ? `[${host}]` : host;
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${bracketed}:${port}`;
    const portPrefix = `${prefix}_PORT_${port}_${protocol}`;
    if (index === 0) variables[`${prefix}_PORT`] = url;
    variables[portPrefix] = url;
    variables[`${portPrefix}_PROTO`] = protocol.toLowerCase();
    variables[`${portPrefix}_PORT`] = String(port);
    variables[`${portPrefix}_ADDR`] = host;
  }
  return variables;
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
