import type { DownwardAPIVolumeFile, Volume } from '../../../../api/core/v1/types.ts';
import { claimSpecDefaults } from '../persistent-volume-claim/spec.ts';
import { defaultPullPolicy } from './image.ts';

/** 0644 */
const defaultFileMode = 420;

export function volumeDefaults(volume: Volume): void {
  if (!hasSource(volume)) volume.emptyDir = {};
  if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  if (volume.secret !== undefined) volume.secret.defaultMode ??= defaultFileMode;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= defaultFileMode;
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= defaultFileMode;
    volume.downwardAPI.items?.forEach(downwardFileDefaults);
  }
  if (volume.projected !== undefined) {
    const { projected } = volume;
    projected.defaultMode ??= defaultFileMode;
    for (const source of projected.sources ?? []) {
      if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= 3600;
      // Features that are off in Kubernetes 1.36. What is frozen is stored, and was looked at before.
      if (!Object.isFrozen(source)) {
        delete source.clusterTrustBundle;
        delete source.podCertificate;
      }
      source.downwardAPI?.items?.forEach(downwardFileDefaults);
    }
  }
  if (volume.image !== undefined) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference);
  if (volume.ephemeral?.volumeClaimTemplate !== undefined) {
    const { volumeClaimTemplate } = volume.ephemeral;
    volumeClaimTemplate.metadata ??= {};
    claimSpecDefaults(volumeClaimTemplate.spec);
  }
  remoteDiskDefaults(volume);
}

type RemoteDisks = Pick<Volume, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>;

function hasSource(volume: Volume): boolean {
  for (const name in volume) if (name !== 'name' && volume[name as keyof Volume] !== undefined) return true;
  return false;
}

function downwardFileDefaults(file: DownwardAPIVolumeFile): void {
  if (file.fieldRef !== undefined) file.fieldRef.apiVersion ||= 'v1';
  if (file.resourceFieldRef !== undefined) file.resourceFieldRef.divisor ??= '0';
}

/** Of volumes in pods and of persistent volumes alike. */
export function remoteDiskDefaults({ iscsi, rbd, azureDisk, scaleIO }: RemoteDisks): void {
  if (iscsi !== undefined) iscsi.iscsiInterface ||= 'default';
  if (rbd !== undefined) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
