import type { APIServiceSpec } from '../../api/apiregistration/v1/types.ts';

export type Priority = Pick<APIServiceSpec, 'groupPriorityMinimum' | 'versionPriority'>;

/** Of the core group, which stands before all others. */
const core: Priority = { groupPriorityMinimum: 18_000, versionPriority: 1 };

/** How Kubernetes ranks its own groups; clients show the higher first. */
const groupPriorities: Readonly<Record<string, number>> = {
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 16_200,
  // As the manifests of the metrics server have it.
  'metrics.k8s.io': 100,
};

/** Where a version has another rank than the usual 15. */
const versionPriorities: Readonly<Record<string, number>> = {
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'metrics.k8s.io/v1beta1': 100,
  'resource.k8s.io/v1': 20,
};

/** The rank of one of Kubernetes' own versions; `undefined` for all others. */
export function priorityOf(group: string, version: string): Priority | undefined {
  if (group === '') return core;
  const groupPriorityMinimum = groupPriorities[group];
  if (groupPriorityMinimum === undefined) return undefined;
  return { groupPriorityMinimum, versionPriority: versionPriorities[`${group}/${version}`] ?? 15 };
}
