import { isMadeFor } from '../../api/core/pod-claims.ts';
import { storageClassOf } from '../../api/core/storage-class-of.ts';
import type { PersistentVolume, PersistentVolumeClaim, TopologySelectorTerm } from '../../api/core/v1/types.ts';
import { annotations, bestVolume, isBound } from '../../api/core/volume-binding.ts';
import type { StorageClass } from '../../api/storage/v1/types.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { nodeSelectorMatcher } from '../../apimachinery/selectors/node-selector.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { StorageState } from './storage-state.ts';

type Claim = Readonly<PersistentVolumeClaim>;
type Volume = Readonly<PersistentVolume>;

/** The claims of a pod: those with a volume, and those that get one on the node that is found. */
export interface PodClaims {
  readonly bound: readonly Claim[];
  /** The largest first: it has the least choice. */
  readonly toBind: readonly Claim[];
}

/** What is to be done so that a pod has its volumes on a node. */
export interface VolumePlan {
  readonly bind: readonly { readonly claim: Claim; readonly volume: Volume }[];
  readonly provision: readonly Claim[];
}

/** The claims of the pod, or why it cannot run anywhere as they are. */
export function claimsOf(pod: PodInfo, storage: StorageState): PodClaims | string {
  const claims: Claim[] = [];
  for (const [i, name] of pod.claims.entries()) {
    const claim = storage.claims.get(`${pod.namespace}/${name}`);
    const isEphemeral = pod.ephemeralClaims.includes(i);
    const shown = JSON.stringify(name);
    if (claim === undefined)
      return isEphemeral
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${shown}`
        : `persistentvolumeclaim ${shown} not found`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim ${shown} bound to non-existent persistentvolume ${JSON.stringify(claim.spec.volumeName ?? '')}`;
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${shown} is being deleted`;
    if (isEphemeral && !isMadeFor(claim, pod.pod))
      return `PVC ${pod.namespace}/${name} was not created for pod ${pod.key} (pod is not owner)`;
    claims.push(claim);
  }
  const bound = claims.filter(isBound);
  const toBind = claims.filter((claim) => !isBound(claim));
  if (!toBind.every((claim) => waitsForPod(claim, storage))) return 'pod has unbound immediate PersistentVolumeClaims';
  return { bound, toBind: toBind.sort((a, b) => compareQuantities(sizeOf(b), sizeOf(a))) };
}

/** Claims that name a volume are the controller's, whatever their class. */
function waitsForPod(claim: Claim, storage: StorageState): boolean {
  if (claim.spec.volumeName) return false;
  return storage.classes.get(storageClassOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
}

function sizeOf({ spec }: Claim): ReturnType<typeof parseQuantity> {
  return parseQuantity(spec.resources?.requests?.['storage'] ?? '0');
}

const conflicts = {
  node: "node(s) didn't match PersistentVolume's node affinity",
  bind: "node(s) didn't find available persistent volumes to bind",
  space: 'node(s) did not have enough free storage',
  missing: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
} as const;

/** How the pod gets its volumes on the node, or why it cannot. */
export function planVolumes(
  { bound, toBind }: PodClaims,
  node: NodeInfo,
  storage: StorageState,
): VolumePlan | readonly string[] {
  const problems = new Set<string>();
  for (const claim of bound) {
    const volume = storage.volume(claim.spec.volumeName!);
    if (volume === undefined) problems.add(conflicts.missing);
    else if (!isReachable(volume, node)) problems.add(conflicts.node);
  }
  const bind: { claim: Claim; volume: Volume }[] = [];
  const provision: Claim[] = [];
  const taken = new Set(storage.promised);
  for (const claim of toBind) {
    const selected = claim.metadata.annotations?.[annotations.selectedNode];
    const search = { taken, isReachable: (one: Volume) => isReachable(one, node) };
    const volume = bestVolume(claim, storage.freeVolumes(storageClassOf(claim)), search);
    if (volume !== undefined && selected === undefined) {
      taken.add(volume.metadata.name);
      bind.push({ claim, volume });
      continue;
    }
    const problem =
      selected !== undefined && selected !== node.name ? conflicts.bind : provisioningProblem(claim, node, storage);
    if (problem === undefined) provision.push(claim);
    else problems.add(problem);
  }
  return problems.size > 0 ? [...problems].sort() : { bind, provision };
}

function isReachable({ spec: { nodeAffinity } }: Volume, node: NodeInfo): boolean {
  return nodeAffinity?.required === undefined || nodeSelectorMatcher(nodeAffinity.required.nodeSelectorTerms)(node);
}

/** Why the claim's class cannot make a volume for the node; `undefined`: it can. */
function provisioningProblem(claim: Claim, node: NodeInfo, storage: StorageState): string | undefined {
  const found = storage.classes.get(storageClassOf(claim));
  if (found === undefined || found.provisioner === 'kubernetes.io/no-provisioner') return conflicts.bind;
  if (!isAllowed(found.allowedTopologies ?? [], node)) return conflicts.bind;
  return hasRoom(claim, found, node, storage) ? undefined : conflicts.space;
}

function isAllowed(topologies: readonly TopologySelectorTerm[], { labels }: NodeInfo): boolean {
  if (topologies.length === 0) return true;
  return topologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => labels[key] !== undefined && values.includes(labels[key])),
  );
}

/** Of drivers that say how much room they have, one place that the node can reach must have enough. */
function hasRoom(
  claim: Claim,
  { metadata, provisioner }: StorageClass,
  node: NodeInfo,
  storage: StorageState,
): boolean {
  if (storage.drivers.get(provisioner)?.spec.storageCapacity !== true) return true;
  const size = sizeOf(claim);
  for (const { storageClassName, maximumVolumeSize, capacity, nodeTopology } of storage.capacities.values()) {
    const most = maximumVolumeSize ?? capacity;
    if (storageClassName !== metadata.name || most === undefined || nodeTopology === undefined) continue;
    if (compareQuantities(parseQuantity(most), size) >= 0 && labelSelectorMatcher(nodeTopology)(node.labels))
      return true;
  }
  return false;
}
