import { deviceClaimNameOf, isDeviceClaimFor, isReservedFor } from '../../api/core/pod-device-claims.ts';
import type { ContainerExtendedResourceRequest } from '../../api/core/v1/types.ts';
import type { AllocationResult, ResourceClaim } from '../../api/resource/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import {
  nodeSelectorMatcher,
  type NodeIdentity,
  type NodeMatcher,
} from '../../apimachinery/selectors/node-selector.ts';
import type { Random } from '../../base/random.ts';
import { rejects, type Rejection } from '../framework/plugin.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { allocationResult } from './allocation-result.ts';
import { allocate, invalidPools, type Grants } from './allocator.ts';
import { bindingState } from './binding-conditions.ts';
import type { DeviceState } from './device-state.ts';
import { Effort } from './effort.ts';
import { ExtendedClaim, extendedResourcesOf } from './extended-resources.ts';
import { claimRequests, type ClaimRequests } from './requests.ts';
import { poolsOfNode } from './slice-pools.ts';

/** The claims of a pod: those that have devices, and what the others want. */
export interface PodDevices {
  readonly allocated: readonly AllocatedClaim[];
  readonly wanted: readonly ClaimRequests[];
  /** What is wanted of nodes that lack extended resources. */
  readonly extended: ExtendedClaim | undefined;
  /** A claim for extended resources that a try before this one has left: no node will do until it is gone. */
  readonly stale: Readonly<ResourceClaim> | undefined;
  /** What looking for it has taken so far. */
  readonly effort: Effort;
}

interface AllocatedClaim {
  readonly claim: Readonly<ResourceClaim>;
  /** From which nodes the devices can be used. */
  readonly reaches: NodeMatcher;
}

/** The claims of a pod, or why it cannot be tried: one is missing, or not its own. */
export function claimsOfPod(pod: PodInfo, devices: DeviceState): readonly Readonly<ResourceClaim>[] | string {
  const claims: Readonly<ResourceClaim>[] = [];
  for (const entry of pod.pod.spec.resourceClaims ?? []) {
    const found = deviceClaimNameOf(pod.pod, entry);
    if (found.state === 'unneeded') continue;
    if (found.state === 'coming') return `pod ${JSON.stringify(pod.key)}: ResourceClaim not created yet`;
    const claim = devices.claim(`${pod.namespace}/${found.name}`);
    const name = JSON.stringify(found.name);
    if (claim === undefined) return `resourceclaim ${name} not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim ${name} is being deleted`;
    if (found.isMade && !isDeviceClaimFor(claim, pod.pod))
      return `ResourceClaim ${pod.namespace}/${found.name} was not created for Pod ${pod.key} (Pod is not owner)`;
    claims.push(claim);
  }
  return claims;
}

/** Whether devices have a say in where the pod goes. */
export function mayWantDevices(pod: PodInfo, { classes }: DeviceState): boolean {
  return pod.pod.spec.resourceClaims !== undefined || extendedResourcesOf(pod, classes) !== undefined;
}

/** What is to be looked for on each node; a text says why no node will do. */
export function podDevices(pod: PodInfo, devices: DeviceState): PodDevices | string {
  const claims = claimsOfPod(pod, devices);
  if (typeof claims === 'string') return claims;
  const allocated: AllocatedClaim[] = [];
  const wanted: ClaimRequests[] = [];
  for (const claim of claims) {
    const { allocation } = claim.status ?? {};
    if (allocation !== undefined) {
      const terms = allocation.nodeSelector?.nodeSelectorTerms;
      allocated.push({ claim, reaches: terms === undefined ? () => true : nodeSelectorMatcher(terms) });
      continue;
    }
    if (devices.isPromised(claim))
      return `resource claim ${keyText(claim.metadata)} is in the process of being allocated`;
    const requests = claimRequests(claim, devices.classes);
    if (typeof requests === 'string') return requests;
    wanted.push(requests);
  }
  const resources = extendedResourcesOf(pod, devices.classes);
  const stale = resources && devices.extendedClaim(pod);
  const extended = resources && new ExtendedClaim(pod, resources, devices.classes);
  return { allocated, wanted, extended, stale, effort: new Effort() };
}

/** A node with what it has of each resource. */
type DeviceNode = NodeIdentity & { readonly allocatable: ReadonlyMap<string, number> };

/** Devices on the node for all that is wanted, that for extended resources last; or why not. */
export function grantsOn(
  { allocated, wanted: claims, extended, stale, effort }: PodDevices,
  node: DeviceNode,
  devices: DeviceState,
): Grants | Rejection {
  if (stale !== undefined) return leftOver;
  if (allocated.some(({ claim, reaches }) => !reaches(node) || bindingState(claim).kind === 'failed'))
    return unavailable;
  const own = extended?.on(node);
  const wanted = own === undefined ? claims : [...claims, own];
  if (wanted.length === 0) return [];
  const grants = allocate(wanted, poolsOfNode(devices.pools, node), devices.inUse, node, effort);
  if (grants === undefined) return rejects(['cannot allocate all claims'], { evictionMayHelp: false });
  return grants === invalidPools ? invalid : grants;
}

const unavailable = rejects(['resourceclaim not available on the node'], { evictionMayHelp: false });
const leftOver = rejects(['cannot schedule extended resource claim'], { evictionMayHelp: false });
const invalid = rejects(['invalid resource pools were encountered'], { evictionMayHelp: false });

/** A claim that is to be reserved for the pod, with the devices that it is to get, if it has none. */
export interface DevicePlan {
  readonly claim: Readonly<ResourceClaim>;
  readonly allocation: AllocationResult | undefined;
  /** Of a claim that is yet to be made: which of its requests stands for which extended resource. */
  readonly mappings?: readonly ContainerExtendedResourceRequest[];
}

/** What is to be written before the pod is bound to the node. */
export function planDevices(
  pod: PodInfo,
  found: PodDevices,
  grants: Grants,
  node: DeviceNode,
  random: Random,
): readonly DevicePlan[] {
  const reserved = found.allocated
    .filter(({ claim }) => !isReservedFor(claim, pod.pod))
    .map(({ claim }) => ({ claim, allocation: undefined }));
  const own = found.extended?.on(node);
  const wanted: readonly (ClaimRequests & Pick<DevicePlan, 'mappings'>)[] = [...found.wanted, ...(own ? [own] : [])];
  const given = wanted.map((requests, i) => ({
    claim: requests.claim,
    allocation: allocationResult(requests, grants[i]!, node.name, random),
    ...(requests.mappings && { mappings: requests.mappings }),
  }));
  return [...reserved, ...given];
}

/** A claim whose devices are in the way: no node reaches them all, and nobody else uses them. */
export function claimToRelease(
  pod: PodInfo,
  found: PodDevices,
  nodes: readonly NodeIdentity[],
): Readonly<ResourceClaim> | undefined {
  return found.allocated.find(
    ({ claim, reaches }) =>
      isFreeFor(claim, pod) && (bindingState(claim).kind === 'failed' || nodes.some((node) => !reaches(node))),
  )?.claim;
}

/** Whether nobody else uses the claim. */
export function isFreeFor({ status }: Readonly<ResourceClaim>, { uid }: PodInfo): boolean {
  return (status?.reservedFor ?? []).every((user) => user.uid === uid);
}
