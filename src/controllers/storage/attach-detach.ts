import { claimNamesOf } from '../../api/core/pod-claims.ts';
import {
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  type Node,
  type PersistentVolume,
  type Pod,
} from '../../api/core/v1/types.ts';
import { attachmentName, csiVolumeId } from '../../api/storage/node/csi-names.ts';
import { CSIDrivers, VolumeAttachments, type VolumeAttachment } from '../../api/storage/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { equalJson } from '../../reconciler/equal-json.ts';
import { againAfter, settled, type Cluster, type ClusterReader, type Controller } from '../../reconciler/controller.ts';

/** How long a node that does not answer may keep a volume that no pod there uses any more. */
const patienceMs = 360_000;
/** How often a volume that another node has is asked for again, and a claim that has none looked at. */
const retryMs = 10_000;
const outOfService = 'node.kubernetes.io/out-of-service';

/** A volume that a node needs, and the pods there that do. */
interface Needed {
  readonly volume: Readonly<PersistentVolume>;
  readonly pods: Readonly<Pod>[];
}

/**
 * Brings volumes of CSI drivers to the nodes whose pods use them, and takes them away when no pod does and the node shows
 * them to none: by VolumeAttachments, which the drivers carry out. The key is a node.
 */
export function attachDetachController(): Controller<Node> {
  /** Since when a volume is to be taken from a node, by attachment. */
  const leaving = new Map<string, number>();
  /** What was told of an attachment last. */
  const told = new Map<string, string>();
  /** Ids of volumes that were asked for, by node, until the node's turn comes again: then the cache has shown it. */
  const asked = new Map<string, Set<string>>();

  return {
    name: 'attachdetach-controller',
    watches: [
      { type: Pods, wakes: (pod: Readonly<Pod>) => (claimNamesOf(pod).length === 0 ? [] : nodeOf(pod.spec.nodeName)) },
      { type: VolumeAttachments, wakes: ({ spec }: Readonly<VolumeAttachment>) => nodeOf(spec.nodeName) },
      { type: Nodes, wakes: (node: Readonly<Node>, _cluster, old) => (isNews(node, old) ? [node.metadata] : []) },
    ],
    reads: [PersistentVolumeClaims, PersistentVolumes, CSIDrivers],

    async reconcile({ name: nodeName }, cluster) {
      asked.delete(nodeName);
      const node = cluster.get(Nodes, { name: nodeName });
      const { needed, isWhole } = neededOn(nodeName, cluster);
      let againMs = isWhole ? Infinity : retryMs;
      const there = cluster.list(VolumeAttachments).filter(({ spec }) => spec.nodeName === nodeName);
      const attached: string[] = [];
      const going: Readonly<VolumeAttachment>[] = [];
      for (const attachment of there) {
        const { name, deletionTimestamp } = attachment.metadata;
        const need = needed.get(name);
        if (need !== undefined && deletionTimestamp === undefined) {
          leaving.delete(name);
          if (attachment.status?.attached === true) attached.push(idOf(need.volume));
          tell(attachment, need, cluster);
        } else if (deletionTimestamp === undefined) {
          const waitMs = untilGone(attachment, node, cluster);
          if (waitMs <= 0) going.push(attachment);
          else {
            attached.push(...idsOf(attachment, cluster));
            againMs = Math.min(againMs, waitMs);
          }
        }
      }
      // A node knows that it has lost a volume before that goes, and that it has one when it has come.
      if (node !== undefined) await report(node, attached.sort(), cluster, going.length > 0);
      for (const attachment of going) {
        await cluster.delete(VolumeAttachments, attachment);
        leaving.delete(attachment.metadata.name);
        told.delete(attachment.metadata.name);
      }
      for (const [name, need] of needed) {
        if (there.some(({ metadata }) => metadata.name === name)) continue;
        if (isElsewhere(need, nodeName, asked, cluster)) againMs = Math.min(againMs, retryMs);
        else {
          asked.set(nodeName, (asked.get(nodeName) ?? new Set<string>()).add(idOf(need.volume)));
          await cluster.create(VolumeAttachments, attachmentOf(name, need.volume, nodeName));
        }
      }
      return againMs < Infinity ? againAfter(againMs) : settled;
    },
  };

  /** How long, in milliseconds, a volume that no pod uses has to stay on its node; 0 or less: it may go. */
  function untilGone(
    attachment: Readonly<VolumeAttachment>,
    node: Readonly<Node> | undefined,
    cluster: ClusterReader,
  ): number {
    const inUse = node?.status?.volumesInUse ?? [];
    if (!idsOf(attachment, cluster).some((id) => inUse.includes(id))) return 0;
    if (node?.spec?.taints?.some(({ key }) => key === outOfService)) return 0;
    const since = leaving.get(attachment.metadata.name) ?? cluster.clock.now();
    leaving.set(attachment.metadata.name, since);
    const isHealthy = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    const leftMs = since + patienceMs - cluster.clock.now();
    return isHealthy === true ? patienceMs : leftMs;
  }

  /** Each state of an attachment is told once. */
  function tell({ metadata, status }: Readonly<VolumeAttachment>, { volume, pods }: Needed, { events }: Cluster): void {
    const { attached = false, attachError } = status ?? {};
    const news = attached ? 'attached' : (attachError?.message ?? '');
    if (news === '' || told.get(metadata.name) === `${news} ${attachError?.time}`) return;
    told.set(metadata.name, `${news} ${attachError?.time}`);
    const shown = JSON.stringify(volume.metadata.name);
    for (const pod of pods)
      if (attached)
        events.record(pod, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume ${shown} `);
      else
        events.record(pod, 'Warning', 'FailedAttachVolume', `AttachVolume.Attach failed for volume ${shown} : ${news}`);
  }
}

function nodeOf(name: string | undefined): { name: string }[] {
  return name === undefined || name === '' ? [] : [{ name }];
}

/** What of a node decides whether a volume may come or go. */
function isNews(node: Readonly<Node>, old: Readonly<Node> | undefined): boolean {
  const partOf = ({ spec, status }: Readonly<Node>) => [
    status?.volumesInUse ?? [],
    status?.volumesAttached ?? [],
    spec?.taints?.some(({ key }) => key === outOfService) ?? false,
  ];
  return old === undefined || !equalJson(partOf(node), partOf(old));
}

/** By the names of their attachments. `isWhole`: each claim of the node's pods has a volume. */
function neededOn(node: string, cluster: ClusterReader): { needed: Map<string, Needed>; isWhole: boolean } {
  const needed = new Map<string, Needed>();
  let isWhole = true;
  for (const pod of cluster.podsOn(node)) {
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const { namespace = '' } = pod.metadata;
    for (const name of claimNamesOf(pod)) {
      const volume = volumeOf({ namespace, name }, cluster);
      isWhole &&= volume !== undefined;
      const csi = volume?.spec.csi;
      if (volume === undefined || csi === undefined) continue;
      if (cluster.get(CSIDrivers, { name: csi.driver })?.spec.attachRequired === false) continue;
      const key = attachmentName(csi.volumeHandle, csi.driver, node);
      const need = needed.get(key) ?? { volume, pods: [] };
      need.pods.push(pod);
      needed.set(key, need);
    }
  }
  return { needed, isWhole };
}

/** The volume of a claim. Whoever writes a claim may name any volume in it: that is its own which names the claim too. */
function volumeOf(key: ObjectKey, cluster: ClusterReader): Readonly<PersistentVolume> | undefined {
  const claim = cluster.get(PersistentVolumeClaims, key);
  const name = claim?.spec.volumeName;
  const volume = name === undefined ? undefined : cluster.get(PersistentVolumes, { name });
  return volume?.spec.claimRef?.uid === claim?.metadata.uid ? volume : undefined;
}

/** A volume for one node at a time that another one has; the pods are told. */
function isElsewhere(
  { volume, pods }: Needed,
  node: string,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  cluster: Cluster,
): boolean {
  const isForOne = volume.spec.accessModes?.every((mode) => mode.startsWith('ReadWriteOnce')) ?? false;
  if (!isForOne) return false;
  const id = idOf(volume);
  const other =
    cluster.list(VolumeAttachments).find((one) => one.spec.nodeName !== node && idsOf(one, cluster).includes(id))?.spec
      .nodeName ?? [...asked].find(([name, ids]) => name !== node && ids.has(id))?.[0];
  if (other === undefined) return false;
  const key = attachmentName(volume.spec.csi!.volumeHandle, volume.spec.csi!.driver, other);
  const users = neededOn(other, cluster).needed.get(key)?.pods ?? [];
  for (const pod of pods)
    cluster.events.record(
      pod,
      'Warning',
      'FailedAttachVolume',
      `Multi-Attach error for volume ${JSON.stringify(volume.metadata.name)} ${usersText(pod, users)}`,
    );
  return true;
}

/** Pods of other namespaces are not named. */
function usersText(pod: Readonly<Pod>, users: readonly Readonly<Pod>[]): string {
  if (users.length === 0) return "Volume is already exclusively attached to one node and can't be attached to another";
  const near = users.filter(({ metadata }) => metadata.namespace === pod.metadata.namespace);
  const far = `${users.length - near.length} pod(s) in different namespaces`;
  if (near.length === 0) return `Volume is already used by ${far}`;
  const names = near.map(({ metadata }) => metadata.name).join(', ');
  return `Volume is already used by pod(s) ${names}${near.length < users.length ? ` and ${far}` : ''}`;
}

function idOf({ spec }: Readonly<PersistentVolume>): string {
  return csiVolumeId(spec.csi!.driver, spec.csi!.volumeHandle);
}

/** The volume of an attachment, if it is known still. */
function idsOf({ spec }: Readonly<VolumeAttachment>, cluster: ClusterReader): string[] {
  const { persistentVolumeName: name } = spec.source;
  const csi = name === undefined ? undefined : cluster.get(PersistentVolumes, { name })?.spec.csi;
  return csi === undefined ? [] : [csiVolumeId(csi.driver, csi.volumeHandle)];
}

function attachmentOf(name: string, volume: Readonly<PersistentVolume>, nodeName: string): VolumeAttachment {
  return {
    metadata: { name },
    spec: { attacher: volume.spec.csi!.driver, nodeName, source: { persistentVolumeName: volume.metadata.name } },
  };
}

/** `asSeen`: only if the node is as the cache shows it. It may have said since that it uses a volume that is to go. */
async function report(node: Readonly<Node>, ids: readonly string[], cluster: Cluster, asSeen: boolean): Promise<void> {
  const shown = node.status?.volumesAttached ?? [];
  if (
    equalJson(
      shown.map(({ name }) => name),
      ids,
    )
  )
    return;
  const volumesAttached = ids.map((name) => ({ name, devicePath: '' }));
  const { uid, resourceVersion } = node.metadata;
  const body = { metadata: { uid, ...(asSeen && { resourceVersion }) }, status: { volumesAttached } };
  await cluster.patch(Nodes, { name: node.metadata.name }, { type: 'merge', body }, { subresource: 'status' });
}
