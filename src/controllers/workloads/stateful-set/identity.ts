import type { StatefulSet } from '../../../api/apps/v1/types.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../../api/core/v1/types.ts';
import { podFromTemplate } from '../pod-from-template.ts';

/** The name of the revision that a pod is of. */
export const revisionLabel = 'controller-revision-hash';
const nameLabel = 'statefulset.kubernetes.io/pod-name';
const indexLabel = 'apps.kubernetes.io/pod-index';

/** The number at the end of a pod's name, -1 if there is none. */
export function ordinalOf({ metadata: { name } }: Readonly<Pod>): number {
  const digits = /^.*-(\d+)$/s.exec(name)?.[1];
  const ordinal = Number(digits ?? -1);
  return ordinal <= 0x7fffffff ? ordinal : -1;
}

/** Whether the pod has a name that the set gives. */
export function isMember({ metadata: { name } }: Readonly<StatefulSet>, pod: Readonly<Pod>): boolean {
  return /^(.*)-\d+$/s.exec(pod.metadata.name)?.[1] === name;
}

/** The ordinals of a set are those from its start on, as many as it has replicas. */
export function startOf({ spec }: Readonly<StatefulSet>): number {
  return spec.ordinals?.start ?? 0;
}

export function isInRange(set: Readonly<StatefulSet>, ordinal: number): boolean {
  const start = startOf(set);
  return ordinal >= start && ordinal < start + (set.spec.replicas ?? 1);
}

export function podName({ metadata: { name } }: Readonly<StatefulSet>, ordinal: number): string {
  return `${name}-${ordinal}`;
}

export function claimName(
  claim: PersistentVolumeClaim,
  { metadata: { name } }: Readonly<StatefulSet>,
  ordinal: number,
): string {
  return `${claim.metadata.name}-${name}-${ordinal}`;
}

/** The pod of an ordinal, made of the template of the revision that it is to be of. */
export function statefulPod(
  set: Readonly<StatefulSet>,
  ordinal: number,
  { template, revision }: { readonly template: PodTemplateSpec; readonly revision: string },
): Pod {
  const made = podFromTemplate(set, template);
  const { generateName: _prefix, labels, ...metadata } = made.metadata;
  const name = podName(set, ordinal);
  const { serviceName } = set.spec;
  const { subdomain: _subdomain, ...own } = made.spec;
  const spec = { ...own, hostname: name, ...(serviceName ? { subdomain: serviceName } : {}) };
  const volumes = volumesOf(set, ordinal, made.spec.volumes);
  return {
    metadata: { ...metadata, name, labels: { ...labels, ...identityLabels(name, ordinal), [revisionLabel]: revision } },
    spec: volumes.length === 0 ? spec : { ...spec, volumes },
  };
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [nameLabel]: name, [indexLabel]: String(ordinal) };
}

/** A volume for each claim, in place of what the template has under that name. */
function volumesOf(set: Readonly<StatefulSet>, ordinal: number, others: readonly Volume[] = []): Volume[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const names = new Set(templates.map(({ metadata }) => metadata.name));
  const claims = templates.map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: claimName(claim, set, ordinal) },
  }));
  return [...claims, ...others.filter(({ name }) => !names.has(name))];
}

/** The pod as it has to be, if it is not: somebody has changed its labels, or it was adopted with other volumes. */
export function repaired(set: Readonly<StatefulSet>, pod: Readonly<Pod>): Pod | undefined {
  const { metadata, spec } = pod;
  const { name, labels } = metadata;
  const ordinal = ordinalOf(pod);
  const isNamed = labels?.[nameLabel] === name;
  const hasClaims = (set.spec.volumeClaimTemplates ?? []).every((claim) =>
    spec.volumes?.some(
      (volume) =>
        volume.name === claim.metadata.name &&
        volume.persistentVolumeClaim?.claimName === claimName(claim, set, ordinal),
    ),
  );
  if (isNamed && hasClaims) return undefined;
  return {
    ...pod,
    metadata: isNamed ? metadata : { ...metadata, labels: { ...labels, ...identityLabels(name, ordinal) } },
    spec: hasClaims ? spec : { ...spec, volumes: volumesOf(set, ordinal, spec.volumes) },
  };
}
