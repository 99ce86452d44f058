import type { PodSpec, Volume } from '../../../../api/core/v1/types.ts';
import { dnsSubdomain } from '../../../../apimachinery/names.ts';
import { duplicate, forbidden, invalid, required } from '../../../../apimachinery/validation.ts';
import { checkDnsLabel, type Errors } from '../../checks.ts';
import { checkClaimTemplate } from './claim-template.ts';
import type { PodSpecPlace } from './options.ts';
import { checkProjected } from './projected-volumes.ts';
import { checkRemoteDisk, remoteDiskNames } from './remote-disks.ts';
import {
  checkConfigMapVolume,
  checkDownwardVolume,
  checkEmptyDirectory,
  checkHostPath,
  checkImageVolume,
  checkSecretVolume,
} from './volume-sources.ts';

type SourceName = Exclude<keyof Volume, 'name'>;

/** The sources in the order in which they are looked at: the first one set is the one that counts. */
const sourceNames: readonly SourceName[] = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];

/** What a refusal of a second source calls it, where that is not the field's name. */
const refusedAs: Partial<Record<SourceName, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** Volumes of a pod by name; of those with errors only the names are left out. */
export type VolumesByName = ReadonlyMap<string, Volume>;

const none: VolumesByName = new Map();

export function checkVolumes(errors: Errors, spec: PodSpec, path: string, place: PodSpecPlace): VolumesByName {
  if (spec.volumes === undefined || spec.volumes.length === 0) return none;
  const byName = new Map<string, Volume>();
  const created = claimsMadeFor(spec.volumes, place);
  for (let i = 0; i < spec.volumes.length; i++) {
    const volume = spec.volumes[i]!;
    const field = `${path}[${i}]`;
    const before = errors.length;
    checkSource(errors, volume, field, place);
    if (!volume.name) errors.push(required(`${field}.name`));
    else checkDnsLabel(errors, `${field}.name`, volume.name);
    if (byName.has(volume.name)) errors.push(duplicate(`${field}.name`, volume.name));
    if (errors.length === before) byName.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && created?.has(claim) === true)
      errors.push(
        invalid(
          `${field}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  }
  return byName;
}

function claimsMadeFor(volumes: readonly Volume[], { podName }: PodSpecPlace): ReadonlySet<string> | undefined {
  let names: Set<string> | undefined;
  if (podName !== undefined)
    for (const { ephemeral, name } of volumes)
      if (ephemeral !== undefined) (names ??= new Set()).add(`${podName}-${name}`);
  return names;
}

function checkSource(errors: Errors, volume: Volume, field: string, place: PodSpecPlace): void {
  let found = false;
  for (const name of sourceNames) {
    if (volume[name] === undefined) continue;
    if (found) {
      errors.push(forbidden(`${field}.${refusedAs[name] ?? name}`, 'may not specify more than 1 volume type'));
      continue;
    }
    found = true;
    checkOne(errors, name, volume, field, place);
  }
  if (!found) errors.push(required(field, 'must specify a volume type'));
}

function checkOne(errors: Errors, name: SourceName, volume: Volume, field: string, place: PodSpecPlace): void {
  switch (name) {
    case 'emptyDir':
      return checkEmptyDirectory(errors, volume.emptyDir!, `${field}.emptyDir`);
    case 'hostPath':
      return checkHostPath(errors, volume.hostPath!, `${field}.hostPath`);
    case 'secret':
      return checkSecretVolume(errors, volume.secret!, `${field}.secret`);
    case 'configMap':
      return checkConfigMapVolume(errors, volume.configMap!, `${field}.configMap`);
    case 'downwardAPI':
      return checkDownwardVolume(errors, volume.downwardAPI!, `${field}.downwardAPI`);
    case 'projected':
      return checkProjected(errors, volume.projected!, `${field}.projected`);
    case 'persistentVolumeClaim':
      if (!volume.persistentVolumeClaim!.claimName) errors.push(required(`${field}.persistentVolumeClaim.claimName`));
      return;
    case 'image':
      return checkImageVolume(errors, volume.image!, `${field}.image`, place);
    case 'ephemeral':
      return checkEphemeral(errors, volume, field, place);
    default:
      if (remoteDiskNames.has(name)) checkRemoteDisk(errors, name, volume, field);
  }
}

function checkEphemeral(errors: Errors, { ephemeral, name }: Volume, field: string, { podName }: PodSpecPlace): void {
  if (ephemeral!.volumeClaimTemplate === undefined) errors.push(required(`${field}.ephemeral.volumeClaimTemplate`));
  else checkClaimTemplate(errors, ephemeral!.volumeClaimTemplate, `${field}.ephemeral.volumeClaimTemplate`);
  if (!podName || !name) return;
  const claim = `${podName}-${name}`;
  for (const problem of dnsSubdomain(claim))
    errors.push(invalid(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${problem}`));
}
