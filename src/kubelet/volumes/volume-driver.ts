import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Pod,
  Volume,
} from '../../api/core/v1/types.ts';
import type { Image } from '../runtime/runtime.ts';
import type { ContentRoom } from './content-room.ts';
import type { Ownership } from './volume-disk.ts';

/** Where a volume comes from: what the pod says, or what the persistent volume behind its claim says. */
export type VolumeSource = Volume | PersistentVolumeSpec;

/**
 * One kind of volume. Implementations are in `drivers/` and `csi/`; all pass `describeVolumeDriver` (driver-contract.ts) but
 * that of images, which are shown later than others.
 */
export interface VolumeDriver {
  /** As in names of folders and statuses of nodes: `kubernetes.io/empty-dir`. */
  readonly name: string;
  supports(source: VolumeSource): boolean;
  /** Does nothing on the node yet. Rejects where the volume cannot be had, with the text for an event. */
  open(use: VolumeUse): NodeVolume | Promise<NodeVolume>;
  /** What earlier agents have begun for pods and not undone, from what they left on disk. */
  reconstruct?(): Promise<readonly ReconstructedVolume[]>;
}

/** One pod's use of one of its volumes. */
export interface VolumeUse {
  /** As it is now. */
  readonly pod: () => Readonly<Pod>;
  readonly volume: Volume;
  /** Behind a claim. */
  readonly persistent?: {
    readonly volume: Readonly<PersistentVolume>;
    readonly claim: Readonly<PersistentVolumeClaim>;
  };
  readonly readOnly: boolean;
  readonly room: ContentRoom;
  /** A volume that could not be published may be had now. */
  readonly retry: () => void;
}

/** A volume of a pod on its node. Each step can be called again, after a failure and after its success. */
export interface NodeVolume {
  /** What pods of the node share of it; absent: nothing. */
  readonly shared?: SharedVolume;
  /** Shows the volume to the pod. */
  publish(): Promise<PublishedVolume>;
  /** Undoes that; absent: the pod's folders are all that there is. */
  unpublish?(): Promise<void>;
  /** Of an image: `pull` answers it. Its volume is published by this alone. */
  show?(pull: () => Promise<Image>): Promise<PublishedVolume>;
  podChanged?(): void;
  /** Nothing follows the volume's sources any more. */
  close?(): Promise<void>;
}

/** The part of a volume that is made once on a node, for all its pods. */
export interface SharedVolume {
  /** Unique on the node: `kubernetes.io/csi/<driver>^<handle>`. */
  readonly id: string;
  /** Others bring it to the node and take it away: the node's status says that it is in use. */
  readonly attachable: boolean;
  /** Resolves when the volume is at the node; rejects with {@link WaitsForAttach} where it is not there yet. */
  attached(): Promise<void>;
  stage(): Promise<void>;
  unstage(): Promise<void>;
}

export interface PublishedVolume {
  /** On the node: a folder, a file, or of a block volume a device. */
  readonly path: string;
  readonly readOnly: boolean;
  /** The file system is read-only by itself, and more than that: runtimes drop its other flags where they are told so. */
  readonly keepsFlags?: boolean;
}

export interface ReconstructedVolume {
  readonly podUid: string;
  readonly name: string;
  readonly volume: NodeVolume;
}

/** Nobody's failure: the volume is on its way. */
export class WaitsForAttach extends Error {
  override readonly name = 'WaitsForAttach';
}

/** Who may use the volumes of a pod. */
export function ownershipOf({ spec }: Readonly<Pod>): Ownership {
  const { fsGroup, fsGroupChangePolicy } = spec.securityContext ?? {};
  if (fsGroup === undefined) return {};
  return { group: fsGroup, onlyIfRootDiffers: fsGroupChangePolicy === 'OnRootMismatch' };
}
