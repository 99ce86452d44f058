import type {
  CSIPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  Volume,
} from '../../../../api/core/v1/types.ts';
import { dnsLabel, rangeComplaint } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, required } from '../../../../apimachinery/validation.ts';
import { checkDnsLabel, checkDnsSubdomain, complain, type Errors } from '../../checks.ts';
import { checkNoBacksteps } from '../pod-spec/paths.ts';
import { checkCsiDriverName, checkRemoteDisk, isInitiatorName, longTargetPortal } from '../pod-spec/remote-disks.ts';
import { checkHostPath } from '../pod-spec/volume-sources.ts';

/** The sources in the order in which they are looked at: the first one set is the one that counts. */
export const sourceNames = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[];

type Spec = Readonly<PersistentVolumeSpec>;

/** `name`: of the volume. */
export function checkSources(errors: Errors, spec: Spec, name: string, field: string): void {
  let found = false;
  for (const source of sourceNames) {
    if (spec[source] === undefined) continue;
    if (found && source !== 'flexVolume') {
      const refusedAs = source === 'cephfs' ? 'cephFS' : source;
      errors.push(forbidden(`${field}.${refusedAs}`, 'may not specify more than 1 volume type'));
      continue;
    }
    found = true;
    checkSource(errors, source, spec, name, field);
  }
  if (!found) errors.push(required(field, 'must specify a volume type'));
}

function checkSource(errors: Errors, source: (typeof sourceNames)[number], spec: Spec, name: string, field: string) {
  const at = `${field}.${source}`;
  switch (source) {
    case 'hostPath':
      return checkHostPath(errors, spec.hostPath!, at);
    case 'local':
      if (!spec.local!.path) errors.push(required(`${at}.path`));
      else checkNoBacksteps(errors, spec.local!.path, `${at}.path`);
      if (spec.nodeAffinity === undefined)
        errors.push(required(`${field}.nodeAffinity`, 'Local volume requires node affinity'));
      return;
    case 'csi':
      return checkCsi(errors, spec.csi!, at);
    case 'iscsi':
      return checkIscsi(errors, spec.iscsi!, name, at);
    default:
      // What is required of them is the same in a pod.
      checkRemoteDisk(errors, source, { ...(spec as unknown as Volume), name }, field);
      checkMore(errors, source, spec, at);
  }
}

/** What volumes say of these and pods do not: namespaces, as they have none themselves. */
function checkMore(errors: Errors, source: keyof PersistentVolumeSpec, spec: Spec, field: string): void {
  if (source === 'glusterfs') {
    const namespace = spec.glusterfs!.endpointsNamespace;
    const isMissing = 'if the endpointnamespace is set, it must be a valid namespace name';
    if (namespace !== undefined)
      complain(errors, `${field}.endpointsNamespace`, namespace, namespace === '' ? [isMissing] : dnsLabel(namespace));
  }
  if (source === 'azureFile' && spec.azureFile!.secretNamespace === '')
    errors.push(required(`${field}.secretNamespace`));
  if (source === 'cinder' && spec.cinder!.secretRef !== undefined && !spec.cinder!.secretRef.namespace)
    errors.push(required(`${field}.secretRef.namespace`));
  if (source === 'storageos') {
    const { secretRef } = spec.storageos!;
    if (secretRef !== undefined && !secretRef.namespace) errors.push(required(`${field}.secretRef.namespace`));
  }
}

/** Other words than in a pod, in another order. */
function checkIscsi(errors: Errors, iscsi: Readonly<ISCSIPersistentVolumeSource>, name: string, field: string): void {
  const { targetPortal, iqn, lun, initiatorName, secretRef, chapAuthDiscovery, chapAuthSession } = iscsi;
  const wrongForm = 'must be valid format';
  if (!targetPortal) errors.push(required(`${field}.targetPortal`));
  if (initiatorName !== undefined && `${name}:${targetPortal}`.length > 64)
    errors.push(invalid(`${field}.targetportal`, targetPortal, longTargetPortal));
  if (!iqn) errors.push(required(`${field}.iqn`));
  else if (!isInitiatorName(iqn)) errors.push(invalid(`${field}.iqn`, iqn, wrongForm));
  if (lun < 0 || lun > 255) errors.push(invalid(`${field}.lun`, lun, rangeComplaint(0, 255)));
  if ((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined)
    errors.push(required(`${field}.secretRef`));
  if (secretRef !== undefined && !secretRef.name) errors.push(required(`${field}.secretRef.name`));
  if (initiatorName !== undefined && !isInitiatorName(initiatorName))
    errors.push(invalid(`${field}.initiatorname`, initiatorName, wrongForm));
}

const secretNames = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

function checkCsi(errors: Errors, csi: Readonly<CSIPersistentVolumeSource>, field: string): void {
  checkCsiDriverName(errors, csi.driver ?? '', `${field}.driver`);
  if (!csi.volumeHandle) errors.push(required(`${field}.volumeHandle`));
  for (const name of secretNames) if (csi[name] !== undefined) checkSecret(errors, csi[name], `${field}.${name}`);
}

function checkSecret(errors: Errors, { name, namespace }: SecretReference, field: string): void {
  if (!name) errors.push(required(`${field}.name`));
  else checkDnsSubdomain(errors, `${field}.name`, name);
  if (!namespace) errors.push(required(`${field}.namespace`));
  else checkDnsLabel(errors, `${field}.namespace`, namespace);
}
