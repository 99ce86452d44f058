import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  SecretVolumeSource,
} from '../../../../api/core/v1/types.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkFieldReference, checkResourceReference, volumeFieldPaths } from './downward-references.ts';
import type { PodSpecPlace } from './options.ts';
import { checkLocalPath, checkNoBacksteps } from './paths.ts';
import { checkPullPolicy } from './pull-policy.ts';
import { isNegative } from './quantities.ts';

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function checkEmptyDirectory(errors: Errors, source: EmptyDirVolumeSource, field: string): void {
  if (source.sizeLimit !== undefined && isNegative(source.sizeLimit))
    errors.push(forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
}

export function checkHostPath(errors: Errors, source: HostPathVolumeSource, field: string): void {
  if (!source.path) {
    errors.push(required(`${field}.path`));
    return;
  }
  checkNoBacksteps(errors, source.path, `${field}.path`);
  if (source.type !== undefined && !hostPathTypes.includes(source.type))
    errors.push(notSupported(`${field}.type`, source.type, hostPathTypes));
}

/** In templates the reference may be filled in later. */
export function checkImageVolume(errors: Errors, source: ImageVolumeSource, field: string, place: PodSpecPlace): void {
  if (place.isPod && !source.reference) errors.push(required(`${field}.reference`));
  checkPullPolicy(errors, source.pullPolicy, `${field}.pullPolicy`);
}

export function checkSecretVolume(errors: Errors, source: SecretVolumeSource, field: string): void {
  if (!source.secretName) errors.push(required(`${field}.secretName`));
  checkFileMode(errors, source.defaultMode, `${field}.defaultMode`);
  checkItems(errors, source.items, `${field}.items`);
}

export function checkConfigMapVolume(errors: Errors, source: ConfigMapVolumeSource, field: string): void {
  if (!source.name) errors.push(required(`${field}.name`));
  checkFileMode(errors, source.defaultMode, `${field}.defaultMode`);
  checkItems(errors, source.items, `${field}.items`);
}

export function checkDownwardVolume(errors: Errors, source: DownwardAPIVolumeSource, field: string): void {
  checkFileMode(errors, source.defaultMode, `${field}.defaultMode`);
  for (const file of source.items ?? []) checkDownwardFile(errors, file, field);
}

/** Errors name the source, not the file in it. */
export function checkDownwardFile(errors: Errors, file: DownwardAPIVolumeFile, field: string): void {
  if (!file.path) errors.push(required(`${field}.path`));
  checkLocalPath(errors, file.path ?? '', `${field}.path`);
  if (file.fieldRef !== undefined) {
    checkFieldReference(errors, file.fieldRef, volumeFieldPaths, `${field}.fieldRef`);
    if (file.resourceFieldRef !== undefined)
      errors.push(invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef !== undefined)
    checkResourceReference(errors, file.resourceFieldRef, `${field}.resourceFieldRef`, { needsContainer: true });
  else errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'));
  checkFileMode(errors, file.mode, `${field}.mode`);
}

export function checkItems(errors: Errors, items: readonly KeyToPath[] | undefined, field: string): void {
  items?.forEach((item, i) => checkItem(errors, item, `${field}[${i}]`));
}

function checkItem(errors: Errors, { key, path, mode }: KeyToPath, field: string): void {
  if (!key) errors.push(required(`${field}.key`));
  if (!path) errors.push(required(`${field}.path`));
  checkLocalPath(errors, path ?? '', `${field}.path`);
  checkFileMode(errors, mode, `${field}.mode`);
}

export function checkFileMode(errors: Errors, mode: number | undefined, field: string): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    errors.push(invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
}
