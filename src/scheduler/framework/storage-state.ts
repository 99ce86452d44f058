import { storageClassOf } from '../../api/core/storage-class-of.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/core/v1/types.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../api/storage/v1/types.ts';
import { change } from './pod-counts.ts';

/** Everything about storage that the scheduler knows. */
export class StorageState {
  /** By `namespace/name`. */
  readonly claims = new Map<string, Readonly<PersistentVolumeClaim>>();
  readonly classes = new Map<string, Readonly<StorageClass>>();
  readonly drivers = new Map<string, Readonly<CSIDriver>>();
  readonly csiNodes = new Map<string, Readonly<CSINode>>();
  readonly capacities = new Map<string, Readonly<CSIStorageCapacity>>();
  readonly #volumes = new Map<string, Readonly<PersistentVolume>>();
  /** Those that nobody has, by their class. */
  readonly #free = new Map<string, Map<string, Readonly<PersistentVolume>>>();
  /** Volumes that pods were given whose claims do not know it yet. */
  readonly #promised = new Set<string>();
  /** By node, then by name. */
  readonly #attachments = new Map<string, Map<string, Readonly<VolumeAttachment>>>();
  /** How many pods on nodes use each claim. */
  readonly #uses = new Map<string, number>();

  volume(name: string): Readonly<PersistentVolume> | undefined {
    return this.#volumes.get(name);
  }

  setVolume(volume: Readonly<PersistentVolume>): void {
    const { name } = volume.metadata;
    this.removeVolume(name);
    this.#volumes.set(name, volume);
    if (volume.spec.claimRef?.uid) return;
    const className = storageClassOf(volume);
    const peers = this.#free.get(className) ?? new Map<string, Readonly<PersistentVolume>>();
    peers.set(name, volume);
    this.#free.set(className, peers);
  }

  removeVolume(name: string): void {
    const old = this.#volumes.get(name);
    if (old === undefined) return;
    this.#volumes.delete(name);
    this.#free.get(storageClassOf(old))?.delete(name);
  }

  attachmentsOn(node: string): Iterable<Readonly<VolumeAttachment>> {
    return this.#attachments.get(node)?.values() ?? [];
  }

  /** Adds it, or replaces it: the node of an attachment never changes. */
  setAttachment(attachment: Readonly<VolumeAttachment>): void {
    const { nodeName } = attachment.spec;
    const ofNode = this.#attachments.get(nodeName) ?? new Map<string, Readonly<VolumeAttachment>>();
    this.#attachments.set(nodeName, ofNode.set(attachment.metadata.name, attachment));
  }

  removeAttachment({ metadata, spec }: Readonly<VolumeAttachment>): void {
    const ofNode = this.#attachments.get(spec.nodeName);
    ofNode?.delete(metadata.name);
    if (ofNode?.size === 0) this.#attachments.delete(spec.nodeName);
  }

  /** Those of the class that no claim has yet. */
  freeVolumes(className: string): Iterable<Readonly<PersistentVolume>> {
    return this.#free.get(className)?.values() ?? [];
  }

  get promised(): ReadonlySet<string> {
    return this.#promised;
  }

  promise(volume: string): void {
    this.#promised.add(volume);
  }

  /** The claim has it, or will not get it. */
  unpromise(volume: string): void {
    this.#promised.delete(volume);
  }

  countUses(claims: readonly string[], namespace: string, by: 1 | -1): void {
    for (const name of claims) change(this.#uses, `${namespace}/${name}`, by);
  }

  /** How many pods on nodes use the claim, by `namespace/name`. */
  usesOf(claim: string): number {
    return this.#uses.get(claim) ?? 0;
  }
}
