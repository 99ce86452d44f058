import type { ResourceType } from '../../apimachinery/resource-type.ts';

/** What upstream's messages call a kind of Kubernetes' own: the Go type of the form without a version, as `core.Pod`. */
export function internalGoType({ group, kind }: Pick<ResourceType, 'group' | 'kind'>): string {
  const folder = group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0]!;
  return `${folder}.${kind}`;
}
