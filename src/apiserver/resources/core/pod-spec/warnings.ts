import type { NodeSelectorTerm, PodAffinity, PodSpec, Volume } from '../../../../api/core/v1/types.ts';
import type { ObjectMeta } from '../../../../apimachinery/object.ts';
import { deprecatedLabels } from '../node-labels.ts';
import { appArmorPrefix, seccompPod, seccompPrefix } from './annotations.ts';
import { portWarnings } from './port-warnings.ts';
import { canonicalQuantity, isWholeNumberOfBytes } from './quantities.ts';
import { visitContainers } from './visit.ts';

type Meta = Readonly<Pick<Partial<ObjectMeta>, 'annotations'>>;

/** What works but should be written in another way. `path` is empty for pods, `spec.template` or the like for templates. */
export function podWarnings(metadata: Meta, spec: PodSpec, path: string): string[] {
  const prefix = path === '' ? '' : `${path}.`;
  const at = `${prefix}spec`;
  const annotations = metadata.annotations ?? {};
  return [
    ...schedulingWarnings(spec, at),
    ...annotationWarnings(annotations, `${prefix}metadata.annotations`),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeWarnings(volume, `${at}.volumes[${i}]`)),
    ...tokenPathWarnings(spec.volumes ?? [], `${at}.volumes`),
    ...repeated(
      spec.hostAliases?.map(({ ip }) => ip),
      (i, ip) => `${at}.hostAliases[${i}].ip: duplicate ip ${ip}`,
    ),
    ...repeated(
      spec.imagePullSecrets?.map(({ name }) => name ?? ''),
      (i, name) => `${at}.imagePullSecrets[${i}].name: duplicate name ${name}`,
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, i) =>
      name ? [] : [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`],
    ),
    ...byteWarnings(spec.overhead, `${at}.overhead`),
    ...(spec.securityContext?.seccompProfile === undefined && annotations[seccompPod] !== undefined
      ? [oldSeccomp(`${prefix}metadata.annotations`, seccompPod)]
      : []),
    ...containerWarnings(annotations, spec, path),
    ...portWarnings(spec, at),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...podAffinityWarnings(spec.affinity?.podAffinity, `${at}.affinity.podAffinity`),
    ...podAffinityWarnings(spec.affinity?.podAntiAffinity, `${at}.affinity.podAntiAffinity`),
  ];
}

function schedulingWarnings(spec: PodSpec, at: string): string[] {
  const texts: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {}))
    if (deprecatedLabels[key] !== undefined) texts.push(`${at}.nodeSelector[${key}]: ${deprecatedLabels[key]}`);
  const affinity = spec.affinity?.nodeAffinity;
  const path = `${at}.affinity.nodeAffinity`;
  affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((term, i) =>
    texts.push(...termWarnings(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`)),
  );
  affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference }, i) =>
    texts.push(...termWarnings(preference, `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`)),
  );
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    const field = `${at}.topologySpreadConstraints[${i}]`;
    const deprecated = deprecatedLabels[topologyKey];
    if (deprecated !== undefined) texts.push(`${field}.topologyKey: ${topologyKey} is ${deprecated}`);
    if (labelSelector === undefined)
      texts.push(`${field}.labelSelector: a null labelSelector results in matching no pod`);
  });
  return texts;
}

function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
  return matchExpressions.flatMap(({ key }, i) => {
    const deprecated = deprecatedLabels[key];
    return deprecated === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${key} is ${deprecated}`];
  });
}

function podAffinityWarnings(affinity: PodAffinity | undefined, path: string): string[] {
  const text = 'a null labelSelector results in matching no pod';
  const needs = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...needs.flatMap(({ labelSelector }, i) =>
      labelSelector === undefined
        ? [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${text}`]
        : [],
    ),
    ...preferred.flatMap(({ podAffinityTerm }, i) =>
      podAffinityTerm?.labelSelector === undefined
        ? [`${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${text}`]
        : [],
    ),
  ];
}

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

function annotationWarnings(annotations: Readonly<Record<string, string>>, path: string): string[] {
  return Object.entries(deprecatedAnnotations).flatMap(([key, text]) =>
    annotations[key] === undefined ? [] : [`${path}[${key}]: ${text}`],
  );
}

const deprecatedVolumes: Partial<Record<keyof Volume, string>> = {
  photonPersistentDisk: 'photonPersistentDisk: deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'scaleIO: deprecated in v1.16, non-functional in v1.22+',
  flocker: 'flocker: deprecated in v1.22, non-functional in v1.25+',
  storageos: 'storageOS: deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'quobyte: deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'glusterfs: deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'cephfs: deprecated in v1.28, non-functional in v1.31+',
  rbd: 'rbd: deprecated in v1.28, non-functional in v1.31+',
};

function volumeWarnings(volume: Volume, field: string): string[] {
  const texts: string[] = [];
  for (const name in volume) {
    const text = deprecatedVolumes[name as keyof Volume];
    if (text !== undefined) texts.push(`${field}.${text}`);
  }
  const storage = volume.ephemeral?.volumeClaimTemplate?.spec.resources?.requests?.['storage'];
  if (storage !== undefined && !isWholeNumberOfBytes(storage))
    texts.push(
      `${field}.ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value ${shown(storage)} is invalid, must be an integer`,
    );
  return texts;
}

/** A file of another source where a token is. */
function tokenPathWarnings(volumes: readonly Volume[], path: string): string[] {
  const sources = volumes.flatMap(({ projected }, i) => (projected?.sources ?? []).map((source) => ({ source, i })));
  const tokens = new Set(sources.flatMap(({ source }) => source.serviceAccountToken?.path ?? []));
  if (tokens.size === 0) return [];
  return sources.flatMap(({ source, i }) => {
    const at = `${path}[${i}].projected.sources`;
    const lists = {
      configMap: source.configMap?.items,
      secrets: source.secret?.items,
      downwardAPI: source.downwardAPI?.items,
    };
    const files = Object.entries(lists).flatMap(([name, items]) =>
      (items ?? []).map((item, j) => ({ field: `${at}.${name}[${j}]`, file: item.path })),
    );
    const bundle = source.clusterTrustBundle?.path;
    if (bundle !== undefined) files.push({ field: `${at}.ClusterTrustBundle`, file: bundle });
    return files
      .filter(({ file }) => tokens.has(file))
      .map(({ field, file }) => `${field}: has duplicated path with ServiceAccountToken ${JSON.stringify(file)}`);
  });
}

function repeated(values: readonly string[] | undefined, text: (i: number, value: string) => string): string[] {
  return (values ?? []).flatMap((value, i) => (values!.indexOf(value) < i ? [text(i, JSON.stringify(value))] : []));
}

function shown(quantity: string): string {
  return JSON.stringify(canonicalQuantity(quantity));
}

function byteWarnings(
  amounts: Readonly<Record<string, string>> | undefined,
  field: string,
  names = ['memory', 'ephemeral-storage'],
) {
  return names.flatMap((name) => {
    const amount = amounts?.[name];
    if (amount === undefined || isWholeNumberOfBytes(amount)) return [];
    return [`${field}[${name}]: fractional byte value ${shown(amount)} is invalid, must be an integer`];
  });
}

function oldSeccomp(path: string, key: string): string {
  return `${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`;
}

function containerWarnings(annotations: Readonly<Record<string, string>>, spec: PodSpec, path: string): string[] {
  const prefix = path === '' ? '' : `${path}.`;
  const texts: string[] = [];
  visitContainers(spec, `${prefix}spec`, ({ name, securityContext, resources, env = [] }, field) => {
    if (securityContext?.seccompProfile === undefined && annotations[seccompPrefix + name] !== undefined)
      texts.push(oldSeccomp(`${prefix}metadata.annotations`, seccompPrefix + name));
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (path !== '' && profile === undefined && annotations[appArmorPrefix + name] !== undefined)
      texts.push(
        `${prefix}metadata.annotations[${appArmorPrefix + name}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
      );
    for (const amount of ['memory', 'ephemeral-storage']) {
      texts.push(...byteWarnings(resources?.limits, `${field}.resources.limits`, [amount]));
      texts.push(...byteWarnings(resources?.requests, `${field}.resources.requests`, [amount]));
    }
    const seen = new Set<string>();
    env.forEach((variable, i) => {
      const reference = `$(${variable.name})`;
      const { value = '', valueFrom } = variable;
      const isExtension = valueFrom === undefined && value !== reference && value.includes(reference);
      if (seen.has(variable.name) && !isExtension)
        texts.push(
          `${field}.env[${i}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`,
        );
      seen.add(variable.name);
    });
  });
  return texts;
}
