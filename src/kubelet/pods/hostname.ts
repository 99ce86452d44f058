import type { Pod } from '../../api/core/v1/types.ts';

/** How a pod calls itself. */
export interface PodHostname {
  readonly hostname: string;
  /** Set for a pod with a subdomain: the name that DNS has for it. */
  readonly fullName: string | undefined;
}

const longestHostname = 63;

/**
 * The host name of a pod (Kubernetes' "DNS for Services and Pods", hostname and subdomain): its own or its name,
 * cut to what Linux takes; with `setHostnameAsFQDN` the full name. A text is the reason why it cannot be.
 */
export function hostnameOf({ metadata, spec }: Readonly<Pod>, clusterDomain: string): PodHostname | string {
  if (spec.hostnameOverride !== undefined) return { hostname: spec.hostnameOverride, fullName: undefined };
  const hostname = spec.hostname !== undefined && spec.hostname !== '' ? spec.hostname : shortened(metadata.name);
  if (spec.subdomain === undefined || spec.subdomain === '') return { hostname, fullName: undefined };
  const fullName = `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}`;
  if (spec.setHostnameAsFQDN !== true) return { hostname, fullName };
  if (fullName.length <= longestHostname) return { hostname: fullName, fullName };
  return `failed to construct FQDN from pod hostname and cluster domain, FQDN ${fullName} is too long (64 characters is the max, ${fullName.length} characters requested)`;
}

function shortened(name: string): string {
  return name.slice(0, longestHostname).replace(/[-.]+$/, '');
}
