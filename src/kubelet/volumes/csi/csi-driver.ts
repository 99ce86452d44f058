import { createHash } from 'node:crypto';
import { PersistentVolumeClaims, PersistentVolumes, Secrets } from '../../../api/core/v1/types.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/core/v1/types.ts';
import { CSIDrivers, VolumeAttachments, type CSIDriverSpec } from '../../../api/storage/v1/types.ts';
import { attachmentName, csiVolumeId } from '../../../api/storage/node/csi-names.ts';
import { compareQuantities, parseQuantity, quantityToNumber } from '../../../apimachinery/quantity.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import { Serial } from '../../../base/serial.ts';
import type { Sent } from '../../runtime/cri/messages.ts';
import type { ReadObject } from '../claimed-volume.ts';
import { mountOptionsOf } from '../drivers/refuse-options.ts';
import { VolumeError } from '../payload.ts';
import type { FreshToken, TokenSpec } from '../token-source.ts';
import {
  ownershipOf,
  WaitsForAttach,
  type NodeVolume,
  type PublishedVolume,
  type SharedVolume,
  type VolumeDriver,
  type VolumeUse,
} from '../volume-driver.ts';
import { accessModeOf, takesGroup } from './capability.ts';
import type { CsiFolders, VolumeRecord } from './csi-folders.ts';
import type { CsiNodeService } from './csi-node-service.ts';

/** A driver that has registered, and how it sees paths of the kubelet's folder. */
export interface RegisteredDriver {
  readonly service: CsiNodeService;
  readonly seen: (path: string) => string;
}

export interface CsiDriverOptions {
  readonly nodeName: string;
  readonly folders: CsiFolders;
  readonly driver: (name: string) => RegisteredDriver | undefined;
  /** Ids of volumes that are at the node, as its status says. */
  readonly isAttached: (id: string) => boolean;
  readonly read: ReadObject;
  readonly token: (pod: Readonly<Pod>, spec: TokenSpec) => Promise<FreshToken>;
  /** The node has made a volume's file system larger. */
  readonly grown: (claim: Readonly<PersistentVolumeClaim>, capacity: string) => Promise<void>;
  readonly record: (pod: Readonly<Pod>, type: 'Normal' | 'Warning', reason: string, message: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const pluginName = 'kubernetes.io/csi';
/** How often a volume that is shown is looked at: drivers may want to show it anew, and claims may have grown. */
const lookMs = 60_000;

/** Volumes of CSI drivers: behind claims, and ephemeral ones that pods describe in place. */
export function csiDriver(options: CsiDriverOptions): VolumeDriver {
  return {
    name: pluginName,
    supports: (source) => source.csi !== undefined,
    async open(use) {
      const source = use.persistent?.volume.spec.csi ?? use.volume.csi!;
      const { spec } = (await options.read(CSIDrivers, { name: source.driver })) ?? {};
      const isEphemeral = use.persistent === undefined;
      if (isEphemeral) refuseEphemeral(source.driver, spec);
      const specVolID = use.persistent?.volume.metadata.name ?? use.volume.name;
      const volumeHandle =
        use.persistent?.volume.spec.csi!.volumeHandle ?? inlineHandle(use.pod().metadata.uid ?? '', specVolID);
      const record: VolumeRecord = {
        specVolID,
        volumeHandle,
        driverName: source.driver,
        nodeName: options.nodeName,
        volumeLifecycleMode: isEphemeral ? 'Ephemeral' : 'Persistent',
        attachmentID: attachmentName(volumeHandle, source.driver, options.nodeName),
        ...(!isEphemeral && spec?.attachRequired !== false && { attachRequired: 'true' }),
      };
      return new CsiVolume(options, record, use, spec);
    },
    async reconstruct() {
      const found = await options.folders.published();
      return found.map(({ podUid, isBlock, record }) => ({
        podUid,
        // One that the pod describes has the pod's name for it: its next use takes the place of this one.
        name:
          record.volumeLifecycleMode === 'Ephemeral'
            ? record.specVolID
            : `${isBlock ? 'device' : 'mount'} ${record.specVolID}`,
        volume: new BegunVolume(options, record, podUid, isBlock),
      }));
    },
  };
}

function refuseEphemeral(name: string, spec: CSIDriverSpec | undefined): void {
  const modes = spec?.volumeLifecycleModes ?? ['Persistent'];
  if (spec !== undefined && modes.includes('Ephemeral')) return;
  const why =
    spec === undefined
      ? 'no CSIDriver object'
      : `only supports [${modes.map((mode) => JSON.stringify(mode)).join(' ')}]`;
  throw new VolumeError(
    `${pluginName}: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver ${name} (${why})`,
  );
}

function inlineHandle(podUid: string, name: string): string {
  return `csi-${createHash('sha256')
    .update(podUid + name)
    .digest('hex')}`;
}

/** What a volume's record alone is enough for: to undo it. */
class BegunVolume implements NodeVolume {
  protected readonly options: CsiDriverOptions;
  protected readonly volume: VolumeRecord;
  protected readonly podUid: string;
  protected readonly isBlock: boolean;
  readonly #isStaged: SharedVolume | undefined;

  constructor(options: CsiDriverOptions, record: VolumeRecord, podUid: string, isBlock: boolean) {
    this.options = options;
    this.volume = record;
    this.podUid = podUid;
    this.isBlock = isBlock;
    this.#isStaged = record.volumeLifecycleMode === 'Ephemeral' ? undefined : this.#shared();
  }

  get shared(): SharedVolume | undefined {
    return this.#isStaged;
  }

  async publish(): Promise<PublishedVolume> {
    throw new Error(`the volume ${this.volume.specVolID} of a pod that is gone is not shown again`);
  }

  async unpublish(): Promise<void> {
    const { folders } = this.options;
    if (!(await folders.isBegun(this.podUid, this.isBlock, this.volume))) return;
    const { service, seen } = this.connected('UnmountVolume.TearDown');
    const path = folders.target(this.volume, this.podUid, this.isBlock);
    await service.unpublish({ volumeId: this.volume.volumeHandle, targetPath: seen(path) });
    await folders.end(path, this.podUid, this.isBlock, this.volume);
  }

  protected get staging(): string {
    return this.options.folders.staging(this.volume, this.isBlock);
  }

  protected connected(step: string): RegisteredDriver {
    const { driverName } = this.volume;
    const found = this.options.driver(driverName);
    if (found !== undefined) return found;
    throw new Error(
      `${pluginName}: ${step}: driver name ${driverName} not found in the list of registered CSI drivers`,
    );
  }

  protected async attached(): Promise<void> {}

  protected async stage(): Promise<void> {
    throw new Error(`the volume ${this.volume.specVolID} of a pod that is gone is not staged again`);
  }

  #shared(): SharedVolume {
    const { driverName, volumeHandle, attachRequired } = this.volume;
    return {
      id: csiVolumeId(driverName, volumeHandle),
      attachable: attachRequired !== undefined,
      attached: () => this.attached(),
      stage: () => this.stage(),
      unstage: () => this.#unstage(),
    };
  }

  async #unstage(): Promise<void> {
    const { folders } = this.options;
    const { staging } = this;
    if (!(await folders.isStaged(staging, this.isBlock))) return;
    const { service, seen } = this.connected('attacher.UnmountDevice failed to create newCsiDriverClient');
    await service.unstage({ volumeId: this.volume.volumeHandle, stagingTargetPath: seen(staging) });
    await folders.end(staging, undefined, this.isBlock, this.volume);
  }
}

/** A volume of a pod that is there. */
class CsiVolume extends BegunVolume {
  readonly #use: VolumeUse;
  readonly #driver: CSIDriverSpec | undefined;
  readonly #line = new Serial();
  #publishContext: Readonly<Record<string, string>> = {};
  #look: Timer | undefined;
  #closed = false;

  constructor(options: CsiDriverOptions, record: VolumeRecord, use: VolumeUse, driver: CSIDriverSpec | undefined) {
    super(options, record, use.pod().metadata.uid ?? '', use.persistent?.volume.spec.volumeMode === 'Block');
    this.#use = use;
    this.#driver = driver;
  }

  override async publish(): Promise<PublishedVolume> {
    return await this.#line.run(async () => {
      const { folders } = this.options;
      const path = folders.target(this.volume, this.podUid, this.isBlock);
      if (!(await folders.isMounted(path))) await this.#publish(path);
      await this.#grow(path);
      this.#lookLater(path);
      return { path, readOnly: this.#readOnly };
    });
  }

  override async unpublish(): Promise<void> {
    this.#stopLooking();
    await this.#line.run(() => super.unpublish());
  }

  async close(): Promise<void> {
    this.#stopLooking();
    await this.#line.run(() => undefined);
  }

  protected override async attached(): Promise<void> {
    const { driverName, volumeHandle, attachRequired, attachmentID } = this.volume;
    if (attachRequired === undefined) return;
    const { isAttached, read } = this.options;
    if (!isAttached(csiVolumeId(driverName, volumeHandle))) throw new WaitsForAttach('context deadline exceeded');
    const { status } = (await read(VolumeAttachments, { name: attachmentID })) ?? {};
    if (status?.attached !== true) throw new WaitsForAttach('context deadline exceeded');
    this.#publishContext = status.attachmentMetadata ?? {};
  }

  protected override async stage(): Promise<void> {
    const { service, seen } = this.connected('attacher.MountDevice failed to create newCsiDriverClient');
    if (!(await service.can('stage'))) return;
    const { staging, podUid, isBlock, volume } = this;
    const { folders } = this.options;
    const secrets = await this.#secrets('NodeStageSecretRef', this.#persistent.nodeStageSecretRef);
    // Before the volume is staged: by the pod's record an agent that comes next finds that it was.
    await folders.begin(folders.target(volume, podUid, isBlock), podUid, isBlock, volume);
    await folders.begin(staging, undefined, isBlock, volume);
    await service.stage({
      volumeId: this.volume.volumeHandle,
      publishContext: this.#publishContext,
      stagingTargetPath: seen(staging),
      volumeCapability: await this.#capability(service),
      secrets,
      volumeContext: this.#persistent.volumeAttributes ?? {},
    });
  }

  async #publish(path: string): Promise<void> {
    const { folders } = this.options;
    const { service, seen } = this.connected('mounter.SetUpAt failed to get CSI client');
    const source = this.#use.volume.csi;
    const { namespace = '' } = this.#use.pod().metadata;
    const reference =
      this.#use.persistent === undefined
        ? source?.nodePublishSecretRef && { namespace, name: source.nodePublishSecretRef.name ?? '' }
        : this.#persistent.nodePublishSecretRef;
    const secrets = await this.#secrets('NodePublishSecretRef', reference);
    const tokens = await this.#tokens();
    const inSecrets = this.#driver?.serviceAccountTokenInSecrets === true;
    const isStaged = this.shared !== undefined && (await service.can('stage'));
    await folders.begin(path, this.podUid, this.isBlock, this.volume);
    await service.publish({
      volumeId: this.volume.volumeHandle,
      publishContext: this.#publishContext,
      ...(isStaged && { stagingTargetPath: seen(this.staging) }),
      targetPath: seen(path),
      volumeCapability: await this.#capability(service),
      readonly: this.#readOnly,
      secrets: { ...secrets, ...(inSecrets && tokens) },
      volumeContext: {
        ...(source ?? this.#persistent).volumeAttributes,
        ...this.#podInfo(),
        ...(!inSecrets && tokens),
      },
    });
    const ownership = ownershipOf(this.#use.pod());
    if (this.isBlock || ownership.group === undefined || this.#readOnly || (await service.can('mountGroup'))) return;
    if (takesGroup(this.#driver?.fsGroupPolicy, this.#fsType, this.#use.persistent?.volume.spec.accessModes))
      await folders.giveToGroup(path, ownership);
  }

  /** The claim holds what the volume could hold once its file system is made larger. */
  async #grow(path: string): Promise<void> {
    const { read, grown, record, nodeName } = this.options;
    const { persistent } = this.#use;
    if (persistent === undefined) return;
    const { namespace = '', name } = persistent.claim.metadata;
    const volume = await read(PersistentVolumes, { name: persistent.volume.metadata.name });
    const capacity = volume?.spec.capacity?.['storage'];
    const claim = capacity && (await read(PersistentVolumeClaims, { namespace, name }));
    const shown = claim && claim.status?.capacity?.['storage'];
    if (!claim || !shown || compareQuantities(parseQuantity(capacity), parseQuantity(shown)) <= 0) return;
    const { service, seen } = this.connected('NodeExpandVolume failed to get CSI client');
    if (!(await service.can('expand'))) return await grown(claim, capacity);
    const { staging } = this;
    const isStaged = await service.can('stage');
    await service.expand({
      volumeId: this.volume.volumeHandle,
      volumePath: seen(path),
      ...(isStaged && { stagingTargetPath: seen(staging) }),
      capacityRange: { requiredBytes: quantityToNumber(parseQuantity(capacity)) },
      volumeCapability: await this.#capability(service),
      secrets: await this.#secrets('NodeExpandSecretRef', this.#persistent.nodeExpandSecretRef),
    });
    await grown(claim, capacity);
    const message = `MountVolume.NodeExpandVolume succeeded for volume ${JSON.stringify(this.volume.specVolID)} ${nodeName}`;
    record(this.#use.pod(), 'Normal', 'FileSystemResizeSuccessful', message);
  }

  #lookLater(path: string): void {
    const { clock, log } = this.options;
    this.#look?.cancel();
    const isNeeded = this.#driver?.requiresRepublish === true || this.#use.persistent !== undefined;
    if (this.#closed || !isNeeded) return;
    this.#look = clock.setTimer(lookMs, () => {
      this.#line
        .run(async () => {
          if (this.#closed) return;
          if (this.#driver?.requiresRepublish === true) await this.#publish(path);
          await this.#grow(path);
        })
        .catch((error) => {
          log.warn('a volume was not brought up to date', { volume: this.volume.specVolID, error: String(error) });
        })
        .finally(() => this.#lookLater(path));
    });
  }

  #stopLooking(): void {
    this.#closed = true;
    this.#look?.cancel();
  }

  async #capability(service: CsiNodeService): Promise<Sent<'VolumeCapability'>> {
    const { persistent } = this.#use;
    const multiWriter = await service.can('singleNodeMultiWriter');
    const accessMode = { mode: accessModeOf(persistent?.volume.spec.accessModes?.[0], multiWriter) };
    if (this.isBlock) return { block: {}, accessMode };
    const { group } = ownershipOf(this.#use.pod());
    const takes = group !== undefined && (await service.can('mountGroup'));
    const mountFlags = persistent === undefined ? [] : mountOptionsOf(persistent.volume);
    return { mount: { fsType: this.#fsType, mountFlags, ...(takes && { volumeMountGroup: `${group}` }) }, accessMode };
  }

  #podInfo(): Readonly<Record<string, string>> {
    if (this.#driver?.podInfoOnMount !== true) return {};
    const { metadata, spec } = this.#use.pod();
    return {
      'csi.storage.k8s.io/pod.name': metadata.name,
      'csi.storage.k8s.io/pod.namespace': metadata.namespace ?? '',
      'csi.storage.k8s.io/pod.uid': metadata.uid ?? '',
      'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? '',
      'csi.storage.k8s.io/ephemeral': String(this.#use.persistent === undefined),
    };
  }

  async #tokens(): Promise<Readonly<Record<string, string>>> {
    const { tokenRequests = [] } = this.#driver ?? {};
    if (tokenRequests.length === 0) return {};
    const pod = this.#use.pod();
    const tokens: Record<string, object> = {};
    for (const { audience, expirationSeconds = 3600 } of tokenRequests) {
      const { token, expirationTimestamp = null } = await this.options.token(pod, { audience, expirationSeconds });
      tokens[audience] = { token, expirationTimestamp };
    }
    return { 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(tokens) };
  }

  async #secrets(
    what: string,
    reference: { readonly name?: string; readonly namespace?: string } | undefined,
  ): Promise<Readonly<Record<string, string>>> {
    if (reference === undefined) return {};
    const { name = '', namespace = '' } = reference;
    const found = await this.options.read(Secrets, { namespace, name });
    if (found === undefined)
      throw new VolumeError(`fetching ${what} ${namespace}/${name} failed: secrets ${JSON.stringify(name)} not found`);
    const decoded = Object.entries(found.data ?? {}).map(([key, text]) => [
      key,
      Buffer.from(text, 'base64').toString(),
    ]);
    return Object.fromEntries(decoded);
  }

  get #persistent() {
    return this.#use.persistent?.volume.spec.csi ?? { driver: '', volumeHandle: '' };
  }

  get #fsType(): string {
    return this.#use.persistent?.volume.spec.csi?.fsType ?? this.#use.volume.csi?.fsType ?? '';
  }

  get #readOnly(): boolean {
    const { persistent, volume, readOnly } = this.#use;
    return readOnly || (persistent?.volume.spec.csi?.readOnly ?? volume.csi?.readOnly ?? false);
  }
}
