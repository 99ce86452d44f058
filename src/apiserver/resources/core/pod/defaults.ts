import type { Container, Pod, PodSpec, PodStatus, ResourceRequirements } from '../../../../api/core/v1/types.ts';
import { quantityText } from '../../../../apimachinery/quantity.ts';
import { podSpecDefaults } from '../pod-spec/defaults.ts';
import { containerLimits, containerRequests } from '../pod-spec/pod-resources.ts';
import { hugePagePrefix, isPodResource } from '../pod-spec/resource-names.ts';

/** What only pods get, beside what every pod spec gets. */
export function podDefaults(draft: Pod): void {
  const spec = (draft.spec ??= {} as PodSpec);
  if (!Object.isFrozen(spec)) fillSpec(spec);
  if (draft.status !== undefined && !Object.isFrozen(draft.status)) alignAddresses(draft.status);
}

function fillSpec(spec: PodSpec): void {
  podSpecDefaults(spec);
  for (const { resources } of spec.containers ?? []) requestWhatIsLimited(resources);
  for (const { resources } of spec.initContainers ?? []) requestWhatIsLimited(resources);
  if (spec.resources !== undefined) {
    limitHugePagesOfThePod(spec, spec.resources);
    requestForThePod(spec, spec.resources);
  }
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork === true) {
    for (const container of spec.containers ?? []) openHostPorts(container);
    for (const container of spec.initContainers ?? []) openHostPorts(container);
  }
}

/** A limit without a request is a request of the same amount. */
function requestWhatIsLimited(resources: ResourceRequirements | undefined): void {
  if (resources?.limits === undefined) return;
  resources.requests ??= {};
  for (const name of Object.keys(resources.limits)) resources.requests[name] ??= resources.limits[name]!;
}

/** A pod whose resources are told as a whole may use the huge pages that its containers may use. */
function limitHugePagesOfThePod(spec: PodSpec, resources: ResourceRequirements): void {
  const { limits = {}, requests = {} } = resources;
  if (Object.keys(limits).length === 0 && Object.keys(requests).length === 0) return;
  for (const [name, sum] of Object.entries(containerLimits(spec)))
    if (name.startsWith(hugePagePrefix) && requests[name] === undefined) limits[name] ??= quantityText(sum);
  if (Object.keys(limits).length > 0) resources.limits = limits;
}

/** A pod that is limited as a whole asks for what its containers ask for, or else for what it is limited to. */
function requestForThePod(spec: PodSpec, resources: ResourceRequirements): void {
  const limits = resources.limits ?? {};
  if (Object.keys(limits).length === 0) return;
  const requests = resources.requests ?? {};
  const sums = containerRequests(spec);
  for (const name of Object.keys(sums)) {
    const isShared = isPodResource(name) && !name.startsWith(hugePagePrefix);
    if (isShared && requests[name] === undefined) requests[name] = quantityText(sums[name]!);
  }
  for (const name of Object.keys(limits)) if (isPodResource(name)) requests[name] ??= limits[name]!;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/** On the host's network a container's port is the host's. */
function openHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

/** `podIP` is the first of `podIPs`; where they differ the older field counts. */
function alignAddresses(status: PodStatus): void {
  const { podIP, podIPs } = status;
  if (podIP && podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }];
  else if (!podIP && podIPs?.[0]?.ip) status.podIP = podIPs[0].ip;
}
