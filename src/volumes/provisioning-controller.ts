import { storageClassOf } from '../api/core/storage-class-of.ts';
import {
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../api/core/v1/types.ts';
import { annotations } from '../api/core/volume-binding.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { StorageClasses, type StorageClass } from '../api/storage/v1/types.ts';
import { parseQuantity, quantityToNumber } from '../apimachinery/quantity.ts';
import { isStatus } from '../apimachinery/status.ts';
import { againAfter, settled, type Cluster, type Controller, type Outcome } from '../reconciler/controller.ts';
import { finalizer } from './reclaiming-controller.ts';
import { nodeLabel, promisedBytes } from './own-volumes.ts';
import type { VolumeFolders } from './volume-folders.ts';

type Claim = Readonly<PersistentVolumeClaim>;

/** So long a node waits with its own offer, at most: which of them is the first, is left to chance. */
const longestHesitationMs = 200;
/** Room, taints and the like come and go without a change to the claim. Until then another node may have offered itself. */
const offerAgainMs = 30_000;

/**
 * Makes a volume for each claim for which the scheduler has found this node. For claims that do not wait for a pod
 * nobody looks for a node: each node that could have the volume offers itself, and the first one gets it.
 */
export function provisioningController(node: string, folders: VolumeFolders): Controller<PersistentVolumeClaim> {
  /** Whether this node is to have the volume, or might. */
  const isMine = ({ metadata, spec }: Claim): boolean =>
    metadata.annotations?.[annotations.provisioner] === localProvisioner &&
    (metadata.annotations[annotations.selectedNode] ?? node) === node &&
    metadata.deletionTimestamp === undefined &&
    !spec.volumeName;

  return {
    name: `${localProvisioner}_${node}`,
    watches: [{ type: PersistentVolumeClaims, wakes: (claim: Claim) => (isMine(claim) ? [claim.metadata] : []) }],
    reads: [PersistentVolumes, StorageClasses],

    async reconcile(key, cluster) {
      const claim = cluster.get(PersistentVolumeClaims, key);
      if (claim === undefined || !isMine(claim)) return settled;
      const name = `pvc-${claim.metadata.uid}`;
      if (cluster.get(PersistentVolumes, { name }) !== undefined) return settled;
      const className = storageClassOf(claim);
      const found = cluster.get(StorageClasses, { name: className });
      if (found === undefined) return settled;
      if (claim.metadata.annotations?.[annotations.selectedNode] === undefined)
        return found.volumeBindingMode === 'WaitForFirstConsumer' ? settled : await offer(claim, found, cluster);
      const { namespace } = claim.metadata;
      const asked = `${namespace}/${claim.metadata.name}`;
      cluster.events.record(
        claim,
        'Normal',
        'Provisioning',
        `External provisioner is provisioning volume for claim "${asked}"`,
      );
      const problem = unsupported(claim) ?? (await noRoom(claim, cluster));
      if (problem !== undefined) {
        tellFailure(claim, className, problem, cluster);
        if (problem.elsewhere) await giveBack(claim, cluster);
        return settled;
      }
      await create(volumeFor(claim, found, name, node, await folders.make(name)), cluster);
      cluster.events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
      return settled;
    },
  };

  async function offer(claim: Claim, found: Readonly<StorageClass>, cluster: Cluster): Promise<Outcome> {
    const problem =
      unsupported(claim) ??
      keepsAway(await cluster.client.get(Nodes, { name: node }), found) ??
      (await noRoom(claim, cluster));
    if (problem !== undefined) {
      const ageMs = cluster.clock.now() - Date.parse(claim.metadata.creationTimestamp!);
      if (ageMs >= offerAgainMs) tellFailure(claim, found.metadata.name, problem, cluster);
      return againAfter(offerAgainMs);
    }
    await cluster.clock.sleep(cluster.random.next() * longestHesitationMs, cluster.signal);
    const marks = { ...claim.metadata.annotations, [annotations.selectedNode]: node };
    try {
      await cluster.update(PersistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations: marks } });
    } catch (error) {
      if (!isStatus(error, 'Conflict', 'NotFound')) throw error; // another node was first, or it is gone
    }
    return settled;
  }

  async function noRoom(claim: Claim, cluster: Cluster): Promise<Problem | undefined> {
    const free = (await folders.capacity()) - promisedBytes(cluster.list(PersistentVolumes), node);
    const asked = claim.spec.resources?.requests?.['storage'] ?? '0';
    if (quantityToNumber(parseQuantity(asked)) <= free) return undefined;
    return {
      text: `node "${node}" has no room for ${asked}: ${Math.max(0, Math.floor(free / 2 ** 20))}Mi are free`,
      elsewhere: true,
    };
  }
}

interface Problem {
  readonly text: string;
  /** Whether another node may do better. */
  readonly elsewhere: boolean;
}

function tellFailure(claim: Claim, className: string, { text }: Problem, cluster: Cluster): void {
  const message = `failed to provision volume with StorageClass "${className}": ${text}`;
  cluster.events.record(claim, 'Warning', 'ProvisioningFailed', message);
}

/** Why a node is no place for a volume whose pods are not known. */
function keepsAway(
  { metadata, spec }: Readonly<Node>,
  { allowedTopologies }: Readonly<StorageClass>,
): Problem | undefined {
  const isOpen = spec?.unschedulable !== true && !spec?.taints?.some(({ effect }) => effect !== 'PreferNoSchedule');
  const isAllowed =
    allowedTopologies === undefined ||
    allowedTopologies.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
    );
  if (isOpen && isAllowed) return undefined;
  const why = isOpen ? 'is not in the topologies of the class' : 'takes no pods';
  return { text: `node "${metadata.name}" ${why}`, elsewhere: true };
}

function unsupported({ spec }: Claim): Problem | undefined {
  if (spec.volumeMode === 'Block') return { text: 'block volumes are not supported', elsewhere: false };
  if (spec.dataSource !== undefined || spec.dataSourceRef !== undefined)
    return { text: 'volumes with content are not supported', elsewhere: false };
  if (spec.selector !== undefined) return { text: 'claim Selector is not supported', elsewhere: false };
  return undefined;
}

/** The scheduler looks for another node. */
async function giveBack(claim: Claim, cluster: Cluster): Promise<void> {
  const { [annotations.selectedNode]: _, ...kept } = claim.metadata.annotations ?? {};
  await cluster.update(PersistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations: kept } });
}

function volumeFor(
  { metadata, spec }: Claim,
  { metadata: { name: storageClassName }, reclaimPolicy = 'Delete', mountOptions }: Readonly<StorageClass>,
  name: string,
  node: string,
  path: string,
): PersistentVolume {
  const { accessModes, resources, volumeMode } = spec;
  return {
    metadata: { name, annotations: { [annotations.provisionedBy]: localProvisioner }, finalizers: [finalizer] },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      ...(accessModes && { accessModes }),
      ...(volumeMode && { volumeMode }),
      ...(mountOptions && { mountOptions }),
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        name: metadata.name,
        ...(metadata.uid !== undefined && { uid: metadata.uid }),
        ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
      },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName,
      local: { path },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: nodeLabel, operator: 'In', values: [node] }] }] },
      },
    },
  };
}

/** One that is there was made a moment ago. */
async function create(volume: PersistentVolume, cluster: Cluster): Promise<void> {
  try {
    await cluster.create(PersistentVolumes, volume);
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
}
