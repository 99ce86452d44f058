import type { ContainerStatus, Pod, PodCondition, PodSpec, PodStatus } from '../../../../api/core/v1/types.ts';
import { isIpv6, parseIp, validateOldIp } from '../../../../apimachinery/ip.ts';
import { userId } from '../../../../apimachinery/names.ts';
import { forbidden, internalProblem, invalid } from '../../../../apimachinery/validation.ts';
import { checkDnsSubdomain, checkQualifiedName, complain, immutableField, type Errors } from '../../checks.ts';
import { checkClaimStatuses, checkExtendedClaim } from './claim-statuses.ts';
import { checkHealth } from './resource-health.ts';
import { checkAnnotationUpdates, checkPodAnnotations } from '../pod-spec/annotations.ts';

const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** Rules of a status that an agent or a controller reports. */
export function checkPodStatus(errors: Errors, pod: Readonly<Pod>, old: Readonly<Pod>): void {
  const { status = {}, spec } = pod;
  const { status: oldStatus = {} } = old;
  checkAnnotationUpdates(errors, pod.metadata, old.metadata, 'metadata.annotations');
  checkPodAnnotations(errors, pod.metadata, spec, 'metadata.annotations');
  checkConditions(errors, status.conditions ?? []);
  const { nominatedNodeName: nominated } = status;
  if (nominated && nominated !== oldStatus.nominatedNodeName) {
    checkDnsSubdomain(errors, 'status.nominatedNodeName', nominated);
    if (old.spec.nodeName)
      errors.push(forbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
  }
  checkGeneration(errors, 'status.observedGeneration', status.observedGeneration);
  if ((status.qosClass ?? '') !== (oldStatus.qosClass ?? ''))
    errors.push(invalid('status.qosClass', status.qosClass ?? '', immutableField));
  for (const name of lists) checkStayEnded(errors, name, status[name] ?? [], oldStatus[name] ?? [], old.spec);
  checkClaimStatuses(errors, status.resourceClaimStatuses ?? [], spec);
  if (status.extendedResourceClaimStatus !== undefined)
    checkExtendedClaim(errors, status.extendedResourceClaimStatus, spec);
  checkAddresses(
    errors,
    'status.podIPs',
    (status.podIPs ?? []).map(({ ip }) => ip ?? ''),
  );
  if (status.hostIPs?.length) {
    const first = status.hostIPs[0]!.ip;
    if ((status.hostIP ?? '') !== first)
      errors.push(invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'));
    checkAddresses(
      errors,
      'status.hostIPs',
      status.hostIPs.map(({ ip }) => ip ?? ''),
    );
  }
  for (const name of lists) checkUsers(errors, status[name] ?? [], `status.${name}`, spec);
  checkHealth(errors, status.containerStatuses ?? [], 'status.containerStatuses', spec.containers);
  checkHealth(errors, status.initContainerStatuses ?? [], 'status.initContainerStatuses', spec.initContainers);
  status.ephemeralContainerStatuses?.forEach(({ allocatedResourcesStatus }, i) => {
    const field = `status.ephemeralContainerStatuses[${i}].allocatedResourcesStatus`;
    if (allocatedResourcesStatus !== undefined)
      errors.push(forbidden(field, 'must not be specified in container status'));
  });
}

/** Without what belongs to features that are off in Kubernetes 1.36: digests of image volumes, and resources of nodes in claims. */
export function withoutDisabled(status: Readonly<PodStatus>): PodStatus {
  const touched = lists.filter((name) => status[name]?.some(hasDigests));
  if (touched.length === 0 && status.nodeAllocatableResourceClaimStatuses === undefined) return status;
  const { nodeAllocatableResourceClaimStatuses: _dropped, ...kept } = status;
  for (const name of touched) kept[name] = status[name]!.map(withoutDigests);
  return kept;
}

function hasDigests({ volumeMounts }: ContainerStatus): boolean {
  return volumeMounts?.some(({ volumeStatus }) => volumeStatus !== undefined) === true;
}

function withoutDigests(status: ContainerStatus): ContainerStatus {
  const { volumeMounts } = status;
  if (volumeMounts === undefined) return status;
  return { ...status, volumeMounts: volumeMounts.map(({ volumeStatus: _dropped, ...mount }) => mount) };
}

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized']);

function checkConditions(errors: Errors, conditions: readonly PodCondition[]): void {
  conditions.forEach(({ type, observedGeneration }, i) => {
    checkGeneration(errors, `status.conditions[${i}].observedGeneration`, observedGeneration);
    if (!systemConditions.has(type)) checkQualifiedName(errors, `status.conditions[${i}].Type`, type ?? '');
  });
}

function checkGeneration(errors: Errors, field: string, generation = 0): void {
  if (generation < 0) errors.push(invalid(field, generation, 'must be a non-negative integer'));
}

type ListName = (typeof lists)[number];

/** A container that has ended, and is not to be started again, stays ended. */
function checkStayEnded(
  errors: Errors,
  list: ListName,
  statuses: readonly ContainerStatus[],
  old: readonly ContainerStatus[],
  spec: Readonly<PodSpec>,
): void {
  const containers = list === 'containerStatuses' ? spec.containers : spec.initContainers;
  const podPolicy = list === 'ephemeralContainerStatuses' ? 'Never' : spec.restartPolicy;
  if (podPolicy === 'Always') return;
  old.forEach(({ name, state }, i) => {
    const ended = state?.terminated;
    if (ended === undefined) return;
    const container = list === 'ephemeralContainerStatuses' ? undefined : containers?.find((one) => one.name === name);
    const policy = container?.restartPolicy ?? podPolicy;
    const mayRestart = policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0);
    if (mayRestart || container?.restartPolicyRules?.length) return;
    if (statuses.some((one) => one.name === name && one.state?.terminated === undefined))
      errors.push(forbidden(`status.${list}[${i}].state`, 'may not be transitioned to non-terminated state'));
  });
}

/** At most one of each family. */
function checkAddresses(errors: Errors, field: string, addresses: readonly string[]): void {
  addresses.forEach((address, i) => errors.push(...validateOldIp(`${field}[${i}]`, address, true)));
  if (addresses.length < 2) return;
  const wrong = addresses.findIndex((address) => parseIp(address) === undefined);
  if (wrong >= 0) {
    const why = `failed to check for dual stack with error:invalid IP[${wrong}]: ${addresses[wrong]}`;
    errors.push(internalProblem(field, why));
  }
  if (wrong >= 0 || addresses.length > 2 || new Set(addresses.map(isIpv6)).size < 2)
    errors.push(
      invalid(
        field,
        addresses.map((IP) => ({ IP })), // as Kubernetes has them within
        'may specify no more than one IP for each IP family',
      ),
    );
}

function checkUsers(
  errors: Errors,
  statuses: readonly ContainerStatus[],
  path: string,
  { os }: Readonly<PodSpec>,
): void {
  statuses.forEach(({ user }, i) => {
    const field = `${path}[${i}].user.linux`;
    if (user?.linux === undefined) return;
    if (os?.name === 'windows') {
      errors.push(forbidden(field, 'cannot be set for a windows pod'));
      return;
    }
    const { uid, gid, supplementalGroups } = user.linux;
    complain(errors, `${field}.uid`, uid, userId(uid));
    complain(errors, `${field}.gid`, gid, userId(gid));
    supplementalGroups?.forEach((group, at) =>
      complain(errors, `${field}.supplementalGroups[${at}]`, group, userId(group)),
    );
  });
}
