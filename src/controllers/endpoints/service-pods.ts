import { Pods, Services, type Pod, type Service, type ServicePort } from '../../api/core/v1/types.ts';
import { labelMapMatcher } from '../../apimachinery/selectors/label-selector.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import type { ClusterReader } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { isFinished, podCondition } from '../pod-state.ts';

/** Whether a controller finds the service's endpoints; without a selector its owner names them. */
export function hasSelector({ spec }: Readonly<Service>): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

/** Pods of the service that have an address and may still serve. */
export function podsOf({ metadata, spec }: Readonly<Service>, cluster: ClusterReader): readonly Readonly<Pod>[] {
  return cluster
    .withLabels(Pods, metadata.namespace, spec.selector ?? {})
    .filter((pod) => !isFinished(pod) && addressesOf(pod).length > 0);
}

export function addressesOf({ status }: Readonly<Pod>): readonly string[] {
  const listed = (status?.podIPs ?? []).map(({ ip }) => ip);
  return listed.length > 0 ? listed : status?.podIP ? [status.podIP] : [];
}

export type Family = 'IPv4' | 'IPv6';

export function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** The number of the port that traffic for a service's port goes to; `undefined` if the pod has no port of that name. */
export function targetPortOf(
  { spec }: Readonly<Pod>,
  { port, targetPort = port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** The name under which DNS knows the pod within its service, if it has one. */
export function hostnameOf({ spec, metadata }: Readonly<Pod>, service: Readonly<Service>): string | undefined {
  const belongs = spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace;
  return spec.hostname && belongs ? spec.hostname : undefined;
}

/** Which services have to look at a pod again, now and as it was. */
export function servicesOf(pod: Readonly<Pod>, cluster: ClusterReader, old?: Readonly<Pod>): ObjectKey[] {
  if (old !== undefined && equalJson(visibleParts(old), visibleParts(pod))) return [];
  const forms = old === undefined ? [pod] : [pod, old];
  return cluster
    .list(Services, pod.metadata.namespace)
    .filter(
      (service) =>
        hasSelector(service) && forms.some(({ metadata }) => labelMapMatcher(service.spec.selector)(metadata.labels)),
    )
    .map(({ metadata }) => metadata);
}

/** What of a pod shows in endpoints. Most updates of pods change nothing of it. */
function visibleParts(pod: Readonly<Pod>): unknown {
  const { metadata, spec, status } = pod;
  return [
    metadata.labels,
    metadata.deletionTimestamp,
    spec.nodeName,
    spec.hostname,
    spec.subdomain,
    status?.phase,
    addressesOf(pod),
    podCondition(pod, 'Ready')?.status,
  ];
}

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** When the newest change happened that endpoints tell of: latencies are measured from it. */
export function triggerTime({ metadata }: Readonly<Service>, pods: readonly Readonly<Pod>[]): string {
  const times = pods.map((pod) => podCondition(pod, 'Ready')?.lastTransitionTime ?? '');
  return [metadata.creationTimestamp ?? '', ...times].reduce((newest, time) => (time > newest ? time : newest));
}

/** The labels that endpoints take over from their service. */
export function labelsFrom(
  { metadata, spec }: Readonly<Service>,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const { 'service.kubernetes.io/headless': _headless, ...labels } = metadata.labels ?? {};
  return { ...labels, ...own, ...(spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}) };
}
