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

/** What is known of an attachment beside what stands in it. */
interface Note {
  /** Since when its volume is to be taken from the node, in milliseconds since the epoch. */
  leavingSince?: number;
  /** What was told of it last. */
  told?: string;
}
type Notes = Map<string, Note>;

/**
 * Brings volumes of CSI drivers to the nodes whose pods use them, and takes them away when no pod does and the node shows
 * them to none: by VolumeAttachments, which the drivers carry out. The key is a node.
 */
export function attachDetachController(): Controller<Node> {
  /** By node, of the attachments that it has. */
  const notes = new Map<string, Notes>();
  /** For which node a volume was asked for, by its id, until that node's turn comes again: then the cache has shown it. */
  const asked = new Map<string, string>();

  return {
    name: 'attachdetach-controller',
    watches: [
      { type: Pods, wakes: (pod: Readonly<Pod>) => (claimNamesOf(pod).length === 0 ? [] : nodeOf(pod.spec.nodeName)) },
      { type: VolumeAttachments, wakes: ({ spec }: Readonly<VolumeAttachment>) => nodeOf(spec.nodeName) },
      { type: Nodes, wakes: (node: Readonly<Node>, _cluster, old) => (isNews(node, old) ? [node.metadata] : []) },
    ],
    reads: [PersistentVolumeClaims, PersistentVolumes, CSIDrivers],

    async reconcile({ name: nodeName }, cluster) {
      for (const [id, askedFor] of asked) if (askedFor === nodeName) asked.delete(id);
      const node = cluster.get(Nodes, { name: nodeName });
      const { needed, isWhole } = neededOn(nodeName, cluster);
      let againMs = isWhole ? Infinity : retryMs;
      const all = cluster.list(VolumeAttachments);
      const there = all.filter(({ spec }) => spec.nodeName === nodeName);
      const noted = kept(notes.get(nodeName), there);
      if (noted.size > 0) notes.set(nodeName, noted);
      else notes.delete(nodeName);
      const attached: string[] = [];
      const going: Readonly<VolumeAttachment>[] = [];
      for (const attachment of there) {
        const { name, deletionTimestamp } = attachment.metadata;
        const need = needed.get(name);
        if (need !== undefined && deletionTimestamp === undefined) {
          const note = noted.get(name)!;
          delete note.leavingSince;
          if (attachment.status?.attached === true) attached.push(idOf(need.volume));
          tell(attachment, need, note, cluster);
        } else if (deletionTimestamp === undefined) {
          const waitMs = untilGone(attachment, node, noted.get(name)!, cluster);
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
        noted.delete(attachment.metadata.name);
      }
      const names = new Set(there.map(({ metadata }) => metadata.name));
      const missing = [...needed].filter(([name]) => !names.has(name));
      const holders = missing.length === 0 ? undefined : holdersBut(nodeName, all, cluster);
      for (const [name, need] of missing) {
        const id = idOf(need.volume);
        const holder = holders?.get(id) ?? asked.get(id);
        if (holder !== undefined && isForOne(need)) {
          tellOfHolder(need, holder, cluster);
          againMs = Math.min(againMs, retryMs);
        } else {
          asked.set(id, nodeName);
          await cluster.create(VolumeAttachments, attachmentOf(name, need.volume, nodeName));
        }
      }
      return againMs < Infinity ? againAfter(againMs) : settled;
    },
  };
}

/** How long, in milliseconds, a volume that no pod uses has to stay on its node; 0 or less: it may go. */
function untilGone(
  attachment: Readonly<VolumeAttachment>,
  node: Readonly<Node> | undefined,
  note: Note,
  cluster: ClusterReader,
): number {
  const inUse = node?.status?.volumesInUse ?? [];
  if (!idsOf(attachment, cluster).some((id) => inUse.includes(id))) return 0;
  if (node?.spec?.taints?.some(({ key }) => key === outOfService)) return 0;
  const now = cluster.clock.now();
  const since = (note.leavingSince ??= now);
  const isHealthy = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return isHealthy === true ? patienceMs : since + patienceMs - now;
}

/** Each state of an attachment is told once. */
function tell({ status }: Readonly<VolumeAttachment>, { volume, pods }: Needed, note: Note, { events }: Cluster): void {
  const { attached = false, attachError } = status ?? {};
  const news = attached ? 'attached' : (attachError?.message ?? '');
  const state = `${news} ${attachError?.time}`;
  if (news === '' || note.told === state) return;
  note.told = state;
  const shown = JSON.stringify(volume.metadata.name);
  for (const pod of pods)
    if (attached)
      events.record(pod, 'Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume ${shown} `);
    else
      events.record(pod, 'Warning', 'FailedAttachVolume', `AttachVolume.Attach failed for volume ${shown} : ${news}`);
}

/** The notes of the attachments that are there still. */
function kept(notes: Notes | undefined, there: readonly Readonly<VolumeAttachment>[]): Notes {
  return new Map(there.map(({ metadata: { name } }) => [name, notes?.get(name) ?? {}]));
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

/** Which other node has a volume, by the volume's id. */
function holdersBut(
  node: string,
  all: readonly Readonly<VolumeAttachment>[],
  cluster: ClusterReader,
): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const one of all)
    if (one.spec.nodeName !== node) for (const id of idsOf(one, cluster)) holders.set(id, one.spec.nodeName);
  return holders;
}

/** Whether the volume is for one node at a time. */
function isForOne({ volume }: Needed): boolean {
  return volume.spec.accessModes?.every((mode) => mode.startsWith('ReadWriteOnce')) ?? false;
}

/** The pods learn who has their volume. */
function tellOfHolder({ volume, pods }: Needed, other: string, cluster: Cluster): void {
  const key = attachmentName(volume.spec.csi!.volumeHandle, volume.spec.csi!.driver, other);
  const users = neededOn(other, cluster).needed.get(key)?.pods ?? [];
  for (const pod of pods)
    cluster.events.record(
      pod,
      'Warning',
      'FailedAttachVolume',
      `Multi-Attach error for volume ${JSON.stringify(volume.metadata.name)} ${usersText(pod, users)}`,
    );
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
