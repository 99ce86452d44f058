import type {
  ClusterTrustBundleProjection,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../../api/core/v1/types.ts';
import { dnsSubdomain } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';
import { checkLabelSelector } from '../../label-selector.ts';
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
  if (source.clusterTrustBundle !== undefined) {
    sources++;
    checkTrustBundle(errors, source.clusterTrustBundle, `${field}.clusterTrustBundle`);
    take(source.clusterTrustBundle.path, source.clusterTrustBundle.path);
  }
  if (source.podCertificate !== undefined) {
    sources++;
    checkPodCertificate(errors, source.podCertificate, `${field}.podCertificate`);
    const { credentialBundlePath, keyPath, certificateChainPath } = source.podCertificate;
    for (const path of [credentialBundlePath, keyPath, certificateChainPath]) take(path, path ?? '');
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

function checkTrustBundle(errors: Errors, bundle: ClusterTrustBundleProjection, field: string): void {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined)
    errors.push(invalid(field, bundle, 'only one of name and signerName may be used'));
  else if (name !== undefined) {
    if (name === '') errors.push(required(`${field}.name`, 'must be a valid object name'));
    for (const problem of dnsSubdomain(name.slice(name.lastIndexOf(':') + 1)))
      errors.push(invalid(`${field}.name`, name, `not a valid clustertrustbundlename: ${problem}`));
    if (labelSelector !== undefined)
      errors.push(invalid(`${field}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified'));
  } else if (signerName !== undefined) {
    if (signerName === '') errors.push(required(`${field}.signerName`, 'must be a valid signer name'));
    else checkSignerName(errors, signerName, `${field}.signerName`);
    checkLabelSelector(errors, labelSelector, `${field}.labelSelector`);
  } else errors.push(required(field, 'either name or signerName must be specified'));
  if (!bundle.path) errors.push(required(`${field}.path`));
  checkLocalPath(errors, bundle.path ?? '', `${field}.path`);
}

/** `example.com/name` */
function checkSignerName(errors: Errors, name: string, field: string): void {
  const slash = name.indexOf('/');
  if (slash < 0 || name.indexOf('/', slash + 1) >= 0) {
    errors.push(
      invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    );
    return;
  }
  complain(errors, field, name.slice(0, slash), dnsSubdomain(name.slice(0, slash)));
  for (const part of name.slice(slash + 1).split('.')) complain(errors, field, part, dnsSubdomain(part));
}

const keyTypes = ['ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519', 'RSA3072', 'RSA4096'];

function checkPodCertificate(errors: Errors, certificate: PodCertificateProjection, field: string): void {
  checkSignerName(errors, certificate.signerName ?? '', `${field}.signerName`);
  if (!keyTypes.includes(certificate.keyType))
    errors.push(notSupported(`${field}.keyType`, certificate.keyType ?? '', keyTypes));
  const seconds = certificate.maxExpirationSeconds ?? 86_400;
  if (seconds < 3600)
    errors.push(invalid(`${field}.maxExpirationSeconds`, seconds, 'if provided, maxExpirationSeconds must be >= 3600'));
  if (seconds > 91 * 86_400)
    errors.push(
      invalid(`${field}.maxExpirationSeconds`, seconds, 'if provided, maxExpirationSeconds must be <= 7862400'),
    );
  const { credentialBundlePath, keyPath, certificateChainPath } = certificate;
  if (!credentialBundlePath && !keyPath && !certificateChainPath)
    errors.push(required(field, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'));
  for (const [name, path] of Object.entries({ credentialBundlePath, keyPath, certificateChainPath }))
    if (path) checkLocalPath(errors, path, `${field}.${name}`);
}
