import type { FCVolumeSource, ISCSIVolumeSource, Volume } from '../../../../api/core/v1/types.ts';
import { dnsSubdomain, rangeComplaint } from '../../../../apimachinery/names.ts';
import { invalid, notSupported, required, tooLong } from '../../../../apimachinery/validation.ts';
import { checkDnsLabel, checkDnsSubdomain, complain, type Errors } from '../../checks.ts';
import { checkRelativePath } from './paths.ts';

/**
 * Volumes on storage of others. No node of ours can mount most of them, but manifests that name them are as right or
 * as wrong as anywhere. What is missing is told from tables; the few rules beyond that are functions.
 */
const requiredFields: Readonly<Record<string, readonly string[]>> = {
  gitRepo: ['repository'],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  nfs: ['server', 'path'],
  iscsi: ['targetPortal', 'iqn'],
  glusterfs: ['endpoints', 'path'],
  rbd: ['monitors', 'image'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  azureDisk: ['diskName', 'diskURI'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  csi: [],
  flocker: [],
  quobyte: [],
  fc: [],
  storageos: ['volumeName'],
};

export const remoteDiskNames: ReadonlySet<string> = new Set(Object.keys(requiredFields));

/** What errors call the source, where that is not the field's name. */
const reportedAs: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

export function checkRemoteDisk(errors: Errors, name: keyof Volume, volume: Volume, path: string): void {
  const source = volume[name] as unknown as Readonly<Record<string, unknown>>;
  const field = `${path}.${reportedAs[name] ?? name}`;
  for (const one of requiredFields[name]!) {
    const value = source[one];
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0))
      errors.push(required(`${field}.${one}`));
  }
  furtherRules[name]?.(errors, volume, field, path);
}

type Rule = (errors: Errors, volume: Volume, field: string, path: string) => void;

const furtherRules: Partial<Record<keyof Volume, Rule>> = {
  gitRepo: (errors, { gitRepo }, field) => checkRelativePath(errors, gitRepo!.directory ?? '', `${field}.directory`),
  gcePersistentDisk: (errors, volume, field) => checkPartition(errors, volume.gcePersistentDisk!.partition, field),
  awsElasticBlockStore: (errors, volume, field) =>
    checkPartition(errors, volume.awsElasticBlockStore!.partition, field),
  nfs: (errors, { nfs }, field) => {
    if (nfs!.path?.startsWith('/') !== true)
      errors.push(invalid(`${field}.path`, nfs!.path ?? '', 'must be an absolute path'));
  },
  iscsi: (errors, { iscsi, name }, field, path) => checkIscsi(errors, iscsi!, name, field, path),
  fc: (errors, { fc }, field) => checkFibreChannel(errors, fc!, field),
  flocker: (errors, { flocker }, field) => {
    const { datasetName, datasetUUID } = flocker!;
    if (!datasetName && !datasetUUID) errors.push(required(field, 'one of datasetName and datasetUUID is required'));
    if (datasetName && datasetUUID)
      errors.push(invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
    if (datasetName?.includes('/') === true)
      errors.push(invalid(`${field}.datasetName`, datasetName, "must not contain '/'"));
  },
  quobyte: (errors, { quobyte }, field) => {
    const hosts = 'must be a host:port pair or multiple pairs separated by commas';
    if (!quobyte!.registry) errors.push(required(`${field}.registry`, hosts));
    else if ((quobyte!.tenant ?? '').length >= 65)
      errors.push(required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
    else
      for (const pair of quobyte!.registry.split(','))
        if (!/^(?:[^:[\]]*|\[[^[\]]*\]):[^:]*$/.test(pair))
          errors.push(invalid(`${field}.registry`, quobyte!.registry, hosts));
    if (!quobyte!.volume) errors.push(required(`${field}.volume`));
  },
  cinder: (errors, { cinder }, field) => {
    if (cinder!.secretRef !== undefined && !cinder!.secretRef.name) errors.push(required(`${field}.secretRef.name`));
  },
  flexVolume: (errors, { flexVolume }, field) => {
    for (const key of Object.keys(flexVolume!.options ?? {})) {
      const domain = `.${key.split('/')[0]!.toLowerCase()}`;
      if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io'))
        errors.push(invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
    }
  },
  azureDisk: (errors, { azureDisk }, field) => {
    const { cachingMode, kind, diskURI } = azureDisk!;
    if (cachingMode !== undefined && !cachingModes.includes(cachingMode))
      errors.push(notSupported(`${field}.cachingMode`, cachingMode, cachingModes));
    if (kind !== undefined && !diskKinds.includes(kind)) errors.push(notSupported(`${field}.kind`, kind, diskKinds));
    if (kind === 'Managed' && diskURI?.startsWith('/subscriptions/') !== true)
      errors.push(notSupported(`${field}.diskURI`, diskURI ?? '', [managedDisk]));
    if (kind !== undefined && kind !== 'Managed' && diskURI?.startsWith('https://') !== true)
      errors.push(notSupported(`${field}.diskURI`, diskURI ?? '', [blobDisk]));
  },
  storageos: (errors, { storageos }, field) => {
    const { volumeName, volumeNamespace, secretRef } = storageos!;
    if (volumeName) checkDnsLabel(errors, `${field}.volumeName`, volumeName);
    if (volumeNamespace) checkDnsLabel(errors, `${field}.volumeNamespace`, volumeNamespace);
    if (secretRef !== undefined && !secretRef.name) errors.push(required(`${field}.secretRef.name`));
  },
  csi: (errors, { csi }, field) => {
    checkCsiDriverName(errors, csi!.driver ?? '', `${field}.driver`);
    const secret = csi!.nodePublishSecretRef;
    if (secret === undefined) return;
    if (!secret.name) errors.push(required(`${field}.nodePublishSecretRef.name`));
    else checkDnsSubdomain(errors, `${field}.name`, secret.name);
  },
};

const longestDriverName = 63;

/** Capitals are allowed. */
export function checkCsiDriverName(errors: Errors, name: string, field: string): void {
  if (name === '') return void errors.push(required(field));
  if (name.length > longestDriverName) errors.push(tooLong(field, longestDriverName));
  complain(errors, field, name, dnsSubdomain(name.toLowerCase()));
}

const cachingModes = ['None', 'ReadOnly', 'ReadWrite'];
const diskKinds = ['Dedicated', 'Managed', 'Shared'];
const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function checkPartition(errors: Errors, partition: number | undefined, field: string): void {
  if (partition !== undefined && (partition < 0 || partition > 255))
    errors.push(invalid(`${field}.partition`, partition, rangeComplaint(1, 255)));
}

/** Names are far shorter (RFC 7143: 223 bytes), and the form of `iqn` tries each place of the text. */
const longestInitiator = 2048;

const initiatorForms: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[a-zA-Z0-9]{16}$/,
  naa: /^naa.[a-zA-Z0-9]{32}$/,
};

export const longTargetPortal =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function checkIscsi(errors: Errors, iscsi: ISCSIVolumeSource, volumeName: string, field: string, path: string): void {
  if (iscsi.iqn) checkInitiator(errors, iscsi.iqn, `${field}.iqn`);
  if (iscsi.lun < 0 || iscsi.lun > 255) errors.push(invalid(`${field}.lun`, iscsi.lun, rangeComplaint(0, 255)));
  if ((iscsi.chapAuthDiscovery === true || iscsi.chapAuthSession === true) && iscsi.secretRef === undefined)
    errors.push(required(`${field}.secretRef`));
  if (iscsi.initiatorName === undefined) return;
  checkInitiator(errors, iscsi.initiatorName, `${field}.initiatorname`);
  if (`${volumeName}:${iscsi.targetPortal}`.length > 64)
    errors.push(invalid(`${path}.name`, volumeName, longTargetPortal));
}

function checkInitiator(errors: Errors, name: string, field: string): void {
  if (initiatorForms[name.slice(0, 3)] === undefined)
    errors.push(invalid(field, name, 'must be valid format starting with iqn, eui, or naa'));
  else if (!isInitiatorName(name)) errors.push(invalid(field, name, 'must be valid format'));
}

/** Whether it has one of the forms of names for iSCSI. */
export function isInitiatorName(name: string): boolean {
  return name.length <= longestInitiator && initiatorForms[name.slice(0, 3)]?.test(name) === true;
}

function checkFibreChannel(errors: Errors, { targetWWNs, wwids, lun }: FCVolumeSource, field: string): void {
  if (!targetWWNs?.length && !wwids?.length)
    errors.push(required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  if (targetWWNs?.length && wwids?.length)
    errors.push(invalid(`${field}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'));
  if (!targetWWNs?.length) return;
  if (lun === undefined) errors.push(required(`${field}.lun`, 'lun is required if targetWWNs is specified'));
  else if (lun < 0 || lun > 255) errors.push(invalid(`${field}.lun`, lun, rangeComplaint(0, 255)));
}
