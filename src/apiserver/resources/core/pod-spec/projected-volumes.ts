import type {
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../../api/core/v1/types.ts';
import { forbidden, invalid, required } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkLocalPath } from './paths.ts';
import { checkDownwardFile, checkFileMode, checkItems } from './volume-sources.ts';

export function checkProjected(errors: Errors, projected: ProjectedVolumeSource, field: string): void {
  checkFileMode(errors, projected.defaultMode, `${field}.defaultMode`);
  const taken = new Set<string>();
  const take = (path: string | undefined, owner: string) => {
    if (!path) return;
    if (taken.has(path)) errors.push(invalid(field, owner, 'conflicting duplicate paths'));
    taken.add(path);
  };
  projected.sources?.forEach((source, i) => checkProjection(errors, source, `${field}.sources[${i}]`, field, take));
}

function checkProjection(
  errors: Errors,
  source: VolumeProjection,
  field: string,
  volumeField: string,
  take: (path: string | undefined, owner: string) => void,
): void {
  let sources = 0;
  if (source.secret !== undefined) {
    sources++;
    checkKeys(errors, source.secret, `${field}.secret`, take);
  }
  if (source.configMap !== undefined) {
    sources++;
    checkKeys(errors, source.configMap, `${field}.configMap`, take);
  }
  if (source.downwardAPI !== undefined) {
    sources++;
    for (const file of source.downwardAPI.items ?? []) {
      checkDownwardFile(errors, file, `${field}.downwardAPI`);
      take(file.path, file.path);
    }
  }
  if (source.serviceAccountToken !== undefined) {
    sources++;
    checkToken(errors, source.serviceAccountToken, `${field}.serviceAccountToken`, volumeField);
  }
  if (sources > 1) errors.push(forbidden(field, 'may not specify more than 1 volume type per source'));
}

function checkKeys(
  errors: Errors,
  source: { name?: string; items?: { key: string; path: string; mode?: number }[] },
  field: string,
  take: (path: string | undefined, owner: string) => void,
): void {
  if (!source.name) errors.push(required(`${field}.name`));
  checkItems(errors, source.items, `${field}.items`);
  for (const { path } of source.items ?? []) take(path, source.name ?? '');
}

function checkToken(errors: Errors, token: ServiceAccountTokenProjection, field: string, volumeField: string): void {
  const seconds = token.expirationSeconds ?? 0;
  if (seconds < 600)
    errors.push(invalid(`${field}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > 2 ** 32)
    errors.push(invalid(`${field}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (!token.path) errors.push(required(`${volumeField}.path`));
  else checkLocalPath(errors, token.path, `${volumeField}.path`);
}
