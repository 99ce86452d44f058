import type { Container, VolumeDevice, VolumeMount } from '../../../../api/core/v1/types.ts';
import { forbidden, invalid, notFound, notSupported, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkRelativePath, hasBackstep } from './paths.ts';
import type { VolumesByName } from './volumes.ts';

/** The two ways in which volumes get into a container: as directories, and as raw devices. */
export function checkMountsAndDevices(
  errors: Errors,
  container: Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  volumes: VolumesByName,
  field: string,
): void {
  const { volumeMounts, volumeDevices } = container;
  if (volumeMounts?.length) checkMounts(errors, container, volumes, `${field}.volumeMounts`);
  if (volumeDevices?.length) checkDevices(errors, volumeDevices, volumeMounts ?? [], volumes, `${field}.volumeDevices`);
}

function checkMounts(
  errors: Errors,
  {
    volumeMounts = [],
    volumeDevices = [],
    securityContext,
  }: Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>,
  volumes: VolumesByName,
  field: string,
): void {
  const isPrivileged = securityContext?.privileged === true;
  const taken = new Set<string>();
  for (let i = 0; i < volumeMounts.length; i++) {
    const mount = volumeMounts[i]!;
    const { name, mountPath, subPath, subPathExpr } = mount;
    if (!name) errors.push(required(`${field}[${i}].name`));
    if (!volumes.has(name)) errors.push(notFound(`${field}[${i}].name`, name ?? ''));
    if (!mountPath) errors.push(required(`${field}[${i}].mountPath`));
    if (taken.has(mountPath)) errors.push(invalid(`${field}[${i}].mountPath`, mountPath, 'must be unique'));
    taken.add(mountPath);
    if (volumeDevices.some((device) => device.name === name))
      errors.push(invalid(`${field}[${i}].name`, name, 'must not already exist in volumeDevices'));
    if (volumeDevices.some((device) => device.devicePath === mountPath))
      errors.push(invalid(`${field}[${i}].mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    // These three are reported without the index, as they always were.
    if (subPath) checkRelativePath(errors, subPath, `${field}.subPath`);
    if (subPathExpr) {
      if (subPath)
        errors.push(
          invalid(`${field}[${i}].subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
        );
      checkRelativePath(errors, subPathExpr, `${field}.subPathExpr`);
    }
    checkPropagation(errors, mount, isPrivileged, `${field}.mountPropagation`);
    checkRecursiveReadOnly(errors, mount, `${field}.recursiveReadOnly`);
  }
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function checkPropagation(
  errors: Errors,
  { mountPropagation }: VolumeMount,
  isPrivileged: boolean,
  field: string,
): void {
  if (mountPropagation === undefined) return;
  if (!propagations.includes(mountPropagation)) errors.push(notSupported(field, mountPropagation, propagations));
  if (mountPropagation === 'Bidirectional' && !isPrivileged)
    errors.push(forbidden(field, 'Bidirectional mount propagation is available only to privileged containers'));
}

const recursiveReadOnlyModes = ['Disabled', 'Enabled', 'IfPossible'];

function checkRecursiveReadOnly(errors: Errors, mount: VolumeMount, field: string): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  if (!recursiveReadOnlyModes.includes(recursiveReadOnly)) {
    errors.push(notSupported(field, recursiveReadOnly, recursiveReadOnlyModes));
    return;
  }
  if (readOnly !== true) errors.push(forbidden(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbidden(field, 'may only be specified when mountPropagation is None or not specified'));
}

function checkDevices(
  errors: Errors,
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  volumes: VolumesByName,
  field: string,
): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  devices.forEach(({ name, devicePath }, i) => {
    const volume = volumes.get(name);
    const nameField = `${field}[${i}].name`;
    const pathField = `${field}[${i}].devicePath`;
    if (!name) errors.push(required(nameField));
    if (names.has(name)) errors.push(invalid(nameField, name, 'must be unique'));
    if (volume === undefined) errors.push(notFound(nameField, name ?? ''));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined)
      errors.push(
        invalid(
          nameField,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    if (!devicePath) errors.push(required(pathField));
    if (paths.has(devicePath)) errors.push(invalid(pathField, devicePath, 'must be unique'));
    if (devicePath && hasBackstep(devicePath))
      errors.push(invalid(pathField, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(nameField, name, 'must not already exist in volumeMounts'));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(invalid(pathField, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  });
}
