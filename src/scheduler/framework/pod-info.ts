import { claimNameOf } from '../../api/core/pod-claims.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import { controllerOf } from '../../apimachinery/object.ts';
import { affinityTerm, type AffinityTerm, type WeightedTerm } from './affinity-term.ts';
import { podRequests, podRequestsOrAssumed, type Amounts } from './resources.ts';

/** A port on the node that a pod wants for itself. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A pod with what the scheduler asks of it again and again, worked out once. */
export interface PodInfo {
  readonly pod: Readonly<Pod>;
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: Amounts;
  /** With assumed amounts for containers that ask for nothing. */
  readonly requestsOrAssumed: { readonly cpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  /** Names of the claims behind its volumes. */
  readonly claims: readonly string[];
  /** Which of them are made for the pod itself, by their place. */
  readonly ephemeralClaims: readonly number[];
  /** The uid of the ReplicaSet, StatefulSet or ReplicationController whose replica this is. */
  readonly owner: string | undefined;
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  /** Weights of anti-affinity are negative. */
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly terminating: boolean;
}

const none: readonly never[] = [];
const spreadOwners = new Set(['ReplicaSet', 'StatefulSet', 'ReplicationController']);

export function podInfo(pod: Readonly<Pod>): PodInfo {
  const { metadata, spec } = pod;
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const owner = controllerOf(pod as Pod);
  const namespace = metadata.namespace ?? 'default';
  return {
    pod,
    key: `${namespace}/${metadata.name}`,
    uid: metadata.uid ?? '',
    namespace,
    labels: metadata.labels ?? {},
    priority: spec.priority ?? 0,
    requests: podRequests(pod as Pod),
    requestsOrAssumed: podRequestsOrAssumed(pod as Pod),
    hostPorts: hostPortsOf(pod),
    ...claimsOf(pod),
    owner: owner !== undefined && spreadOwners.has(owner.kind) ? owner.uid : undefined,
    requiredAffinity: (podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? none).map((term) =>
      affinityTerm(term, pod),
    ),
    requiredAntiAffinity: (podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? none).map((term) =>
      affinityTerm(term, pod),
    ),
    preferredAffinity: [
      ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1, pod),
      ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1, pod),
    ],
    terminating: metadata.deletionTimestamp !== undefined,
  };
}

function weighted(
  terms: NonNullable<
    NonNullable<Pod['spec']['affinity']>['podAffinity']
  >['preferredDuringSchedulingIgnoredDuringExecution'],
  sign: 1 | -1,
  pod: Readonly<Pod>,
): WeightedTerm[] {
  return (terms ?? none).map(({ weight, podAffinityTerm }) => ({
    term: affinityTerm(podAffinityTerm, pod),
    weight: sign * weight,
  }));
}

function claimsOf({ metadata, spec }: Readonly<Pod>): Pick<PodInfo, 'claims' | 'ephemeralClaims'> {
  let claims: string[] | undefined;
  const ephemeralClaims: number[] = [];
  for (const volume of spec.volumes ?? none) {
    const name = claimNameOf(metadata.name, volume);
    if (name === undefined) continue;
    claims ??= [];
    if (volume.ephemeral !== undefined) ephemeralClaims.push(claims.length);
    claims.push(name);
  }
  return claims === undefined ? noClaims : { claims, ephemeralClaims };
}

const noClaims = { claims: none, ephemeralClaims: none };

function hostPortsOf({ spec }: Readonly<Pod>): readonly HostPort[] {
  const found: HostPort[] = [];
  const sidecars = spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? none;
  for (const { ports } of [...spec.containers, ...sidecars])
    for (const { hostPort, hostIP, protocol } of ports ?? none)
      if (hostPort !== undefined && hostPort > 0)
        found.push({ ip: hostIP || anyAddress, protocol: protocol ?? 'TCP', port: hostPort });
  return found.length === 0 ? none : found;
}

/** The address that stands for all of a node. */
export const anyAddress = '0.0.0.0';
