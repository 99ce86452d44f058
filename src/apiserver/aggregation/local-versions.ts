import { APIServices } from '../../api/apiregistration/v1/types.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Kept } from '../bootstrap/objects.ts';
import { priorityOf } from './priorities.ts';

/** Set on APIServices that the server keeps itself: those of Kubernetes' own groups are made when it starts. */
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** An APIService for each version of Kubernetes' own groups that is served. */
export function localVersions(catalog: Catalog): readonly Kept[] {
  const versions = new Map(
    catalog.discovered.map(({ type: { group, version } }) => [`${version}.${group}`, { group, version }]),
  );
  return Array.from(versions, ([name, { group, version }]): Kept[] => {
    const priority = priorityOf(group, version);
    if (priority === undefined) return [];
    const spec = { ...(group !== '' && { group }), version, ...priority };
    return [
      {
        type: APIServices,
        object: { metadata: { name, labels: { [managedLabel]: 'onstart' } }, spec } as Kept['object'],
      },
    ];
  }).flat();
}
