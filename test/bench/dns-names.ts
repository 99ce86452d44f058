/** What the DNS benchmark's server has and its client asks for. */
export const dnsDomain = 'cluster.local';
export const dnsNamespace = 'bench';

export function serviceName(index: number): string {
  return `service-${index}`;
}
