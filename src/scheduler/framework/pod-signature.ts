import type { Pod } from '../../api/core/v1/types.ts';
import type { PodInfo } from './pod-info.ts';

/** Volumes that are there on every node. */
const ofAnyNode = new Set(['name', 'projected', 'configMap', 'secret', 'emptyDir', 'downwardAPI', 'hostPath']);

/**
 * The scheduling signature of a pod (KEP-5598): equal for pods that no plugin can tell apart, such as the replicas of
 * one workload; `undefined` for a pod that wants something of its own.
 */
export function signatureOf({
  pod,
  namespace,
  labels,
  owner,
  priority,
  requests,
  requestsOrAssumed,
  hostPorts,
}: PodInfo) {
  const { spec, status } = pod;
  if (status?.nominatedNodeName || spec.nodeName || spec.resourceClaims !== undefined) return undefined;
  if (!(spec.volumes ?? []).every((volume) => Object.keys(volume).every((name) => ofAnyNode.has(name))))
    return undefined;
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, preemptionPolicy } = spec;
  const images = imagesOf(pod);
  const wants = [nodeSelector, affinity, tolerations, topologySpreadConstraints, preemptionPolicy, images];
  return JSON.stringify([namespace, labels, owner, priority, [...requests], requestsOrAssumed, hostPorts, wants]);
}

function imagesOf({ spec }: Readonly<Pod>): (string | undefined)[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image);
}
