import type { ResourceType } from '../../apimachinery/resource-type.ts';

type GroupKind = Pick<ResourceType, 'group' | 'kind'>;

/** The kind in whose form Kubernetes checks one: that of the newer Events is the older one. */
export function internalGroupKind({ group, kind }: GroupKind): GroupKind {
  return { group: group === 'events.k8s.io' ? '' : group, kind };
}

/** What upstream's messages call a kind of Kubernetes' own: the Go type of the form without a version, as `core.Pod`. */
export function internalGoType(type: GroupKind): string {
  const { group, kind } = internalGroupKind(type);
  return `${group === '' ? 'core' : group.split('.')[0]!}.${kind}`;
}
