import type { NodeSelectorTerm, PodAffinity, PodSpec, Volume } from '../../../../api/core/v1/types.ts';
import type { ObjectMeta } from '../../../../apimachinery/object.ts';
import { deprecatedLabels } from '../node-labels.ts';
import { appArmorPrefix, seccompPod, seccompPrefix } from './annotations.ts';
import { addPathWarnings } from './path-warnings.ts';
import { portWarnings } from './port-warnings.ts';
import { canonicalQuantity, isWholeNumberOfBytes } from './quantities.ts';
import { visitContainers } from './visit.ts';

type Meta = Readonly<Pick<Partial<ObjectMeta>, 'annotations'>>;

/** What works but should be written in another way. `path` is empty for pods, `spec.template` or the like for templates. */
export function podWarnings(metadata: Meta, spec: PodSpec, path: string): string[] {
  const prefix = path === '' ? '' : `${path}.`;
  const at = `${prefix}spec`;
  const { annotations = none } = metadata;
  const { volumes, hostAliases, imagePullSecrets, overhead, affinity } = spec;
  // Nearly all pods give no reason for any: each of these is called only where there may be one, and adds to the list.
  const texts: string[] = [];
  addSchedulingWarnings(texts, spec, at);
  if (annotations !== none) addAnnotationWarnings(texts, annotations, `${prefix}metadata.annotations`);
  if (volumes !== undefined) {
    for (let i = 0; i < volumes.length; i++) addVolumeWarnings(texts, volumes[i]!, at, i);
    for (const volume of volumes) addPathWarnings(texts, volume);
  }
  if (hostAliases !== undefined)
    addRepeated(
      texts,
      hostAliases.map(({ ip }) => ip),
      (i, ip) => `${at}.hostAliases[${i}].ip: duplicate ip ${ip}`,
    );
  if (imagePullSecrets !== undefined) {
    addRepeated(
      texts,
      imagePullSecrets.map(({ name }) => name ?? ''),
      (i, name) => `${at}.imagePullSecrets[${i}].name: duplicate name ${name}`,
    );
    imagePullSecrets.forEach(({ name }, i) => {
      if (!name) texts.push(`${at}.imagePullSecrets[${i}].name: invalid empty name ""`);
    });
  }
  for (const name of ['memory', 'ephemeral-storage']) addByteWarning(texts, overhead, name, at, 'overhead');
  if (spec.securityContext?.seccompProfile === undefined && annotations[seccompPod] !== undefined)
    texts.push(oldSeccomp(`${prefix}metadata.annotations`, seccompPod));
  addContainerWarnings(texts, annotations, spec, path);
  texts.push(...portWarnings(spec, at));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    texts.push(
      `${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  if (affinity !== undefined) {
    texts.push(...podAffinityWarnings(affinity.podAffinity, `${at}.affinity.podAffinity`));
    texts.push(...podAffinityWarnings(affinity.podAntiAffinity, `${at}.affinity.podAntiAffinity`));
  }
  return texts;
}

const none: Readonly<Record<string, string>> = Object.freeze({});

function addSchedulingWarnings(texts: string[], spec: PodSpec, at: string): void {
  for (const key in spec.nodeSelector)
    if (deprecatedLabels[key] !== undefined) texts.push(`${at}.nodeSelector[${key}]: ${deprecatedLabels[key]}`);
  if (spec.affinity?.nodeAffinity === undefined && spec.topologySpreadConstraints === undefined) return;
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
}

/** Labels of nodes that have newer names. */
export function termWarnings({ matchExpressions = [] }: NodeSelectorTerm, path: string): string[] {
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

function addAnnotationWarnings(texts: string[], annotations: Readonly<Record<string, string>>, path: string): void {
  for (const key in deprecatedAnnotations)
    if (annotations[key] !== undefined) texts.push(`${path}[${key}]: ${deprecatedAnnotations[key]}`);
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

function addVolumeWarnings(texts: string[], volume: Volume, at: string, i: number): void {
  for (const name in volume) {
    const text = deprecatedVolumes[name as keyof Volume];
    if (text !== undefined) texts.push(`${at}.volumes[${i}].${text}`);
  }
  const resources = volume.ephemeral?.volumeClaimTemplate?.spec.resources;
  if (resources === undefined) return;
  const field = `${at}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`;
  addByteWarning(texts, resources.requests, 'storage', field, 'resources.requests');
  addByteWarning(texts, resources.limits, 'storage', field, 'resources.limits');
}

function addRepeated(texts: string[], values: readonly string[], text: (i: number, value: string) => string): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (seen.has(value)) texts.push(text(i, JSON.stringify(value)));
    seen.add(value);
  });
}

function shown(quantity: string): string {
  return JSON.stringify(canonicalQuantity(quantity));
}

function addByteWarning(
  texts: string[],
  amounts: Readonly<Record<string, string>> | undefined,
  name: string,
  at: string,
  field: string,
): void {
  const amount = amounts?.[name];
  if (amount === undefined || isWholeNumberOfBytes(amount)) return;
  texts.push(`${at}.${field}[${name}]: fractional byte value ${shown(amount)} is invalid, must be an integer`);
}

function oldSeccomp(path: string, key: string): string {
  return `${path}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`;
}

function addContainerWarnings(
  texts: string[],
  annotations: Readonly<Record<string, string>>,
  spec: PodSpec,
  path: string,
): void {
  const prefix = path === '' ? '' : `${path}.`;
  visitContainers(spec, `${prefix}spec`, ({ name, securityContext, resources, env }, field) => {
    if (securityContext?.seccompProfile === undefined && annotations[seccompPrefix + name] !== undefined)
      texts.push(oldSeccomp(`${prefix}metadata.annotations`, seccompPrefix + name));
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (path !== '' && profile === undefined && annotations[appArmorPrefix + name] !== undefined)
      texts.push(
        `${prefix}metadata.annotations[${appArmorPrefix + name}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
      );
    if (resources !== undefined)
      for (const amount of ['memory', 'ephemeral-storage']) {
        addByteWarning(texts, resources.limits, amount, field, 'resources.limits');
        addByteWarning(texts, resources.requests, amount, field, 'resources.requests');
      }
    // One variable cannot hide another.
    if (env === undefined || env.length < 2) return;
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
}
