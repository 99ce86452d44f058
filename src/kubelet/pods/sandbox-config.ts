import type { Pod } from '../../api/core/v1/types.ts';
import type { SandboxConfig } from '../runtime/runtime.ts';
import { dnsOf } from './dns.ts';
import { ConfigurationError } from './environment.ts';
import { hostnameOf } from './hostname.ts';
import type { NodeFacts } from './pod-parts.ts';
import { sandboxLabels } from './runtime-labels.ts';
import { sandboxSecurity } from './security.ts';

export interface SandboxPlace {
  readonly attempt: number;
  readonly logDirectory: string;
  readonly cgroupParent: string;
}

/** The sandbox that a pod asks for. Throws {@link ConfigurationError} when the pod cannot be named. */
export function sandboxConfig(
  pod: Readonly<Pod>,
  node: NodeFacts,
  { attempt, logDirectory, cgroupParent }: SandboxPlace,
): SandboxConfig {
  const { metadata, spec } = pod;
  const named = hostnameOf(pod, node.clusterDns.domain);
  if (typeof named === 'string') throw new ConfigurationError(named);
  const { servers, searches, options } = dnsOf(pod, node.clusterDns, node.nodeDns);
  const sysctls = spec.securityContext?.sysctls ?? [];
  return {
    pod: { name: metadata.name, namespace: metadata.namespace ?? '', uid: metadata.uid ?? '', attempt },
    hostname: spec.hostNetwork === true ? '' : named.hostname,
    logDirectory,
    dns: { servers, searches, options },
    labels: sandboxLabels(pod),
    annotations: metadata.annotations ?? {},
    cgroupParent,
    hostNetwork: spec.hostNetwork === true,
    hostPid: spec.hostPID === true,
    hostIpc: spec.hostIPC === true,
    shareProcesses: spec.shareProcessNamespace === true,
    sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name.replaceAll('/', '.'), value])),
    security: sandboxSecurity(pod, node.seccompFolder),
  };
}
