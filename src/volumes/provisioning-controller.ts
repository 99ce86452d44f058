import { storageClassOf } from '../api/core/storage-class-of.ts';
import {
  PersistentVolumeClaims,
  PersistentVolumes,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from '../api/core/v1/types.ts';
import { annotations } from '../api/core/volume-binding.ts';
import { localProvisioner } from '../api/storage/local-provisioner.ts';
import { StorageClasses, type StorageClass } from '../api/storage/v1/types.ts';
import { parseQuantity, quantityToNumber } from '../apimachinery/quantity.ts';
import { isStatus } from '../apimachinery/status.ts';
import { settled, type Cluster, type Controller } from '../reconciler/controller.ts';
import { finalizer } from './reclaiming-controller.ts';
import { nodeLabel, promisedBytes } from './own-volumes.ts';
import type { VolumeFolders } from './volume-folders.ts';

type Claim = Readonly<PersistentVolumeClaim>;

/** Makes a volume for each claim for which the scheduler has found this node. */
export function provisioningController(node: string, folders: VolumeFolders): Controller<PersistentVolumeClaim> {
  const isMine = ({ metadata, spec }: Claim): boolean =>
    metadata.annotations?.[annotations.provisioner] === localProvisioner &&
    metadata.annotations[annotations.selectedNode] === node &&
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
        const text = `failed to provision volume with StorageClass "${className}": ${problem.text}`;
        cluster.events.record(claim, 'Warning', 'ProvisioningFailed', text);
        if (problem.elsewhere) await giveBack(claim, cluster);
        return settled;
      }
      await create(volumeFor(claim, found, name, node, await folders.make(name)), cluster);
      cluster.events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
      return settled;
    },
  };

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
