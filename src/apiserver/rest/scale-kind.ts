import { humanDuration } from '../../apimachinery/duration.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { servedVersion } from '../catalog/stored-kind.ts';

/** autoscaling/v1 Scale. */
export interface Scale extends KubeObject {
  spec: { replicas?: number };
  status: { replicas: number; selector?: string };
}

const type: ResourceType<Scale> = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  resource: 'scales',
  singular: 'scale',
  namespaced: true,
  definition: 'io.k8s.api.autoscaling.v1.Scale',
};

const column = (name: string, kind: string, format = '') => ({ name, type: kind, format, priority: 0 });

/** How a Scale is shown. It is a view of other kinds: nothing is stored under it. */
export const scaleKind: ServedVersion<Scale> = servedVersion({
  definition: {
    type,
    strategy: {},
    columns: {
      cells: ({ metadata, spec, status }, now) => [
        metadata.name,
        spec.replicas ?? 0,
        status.replicas,
        humanDuration(now - Date.parse(metadata.creationTimestamp!)),
      ],
    },
  },
  facts: {
    type,
    verbs: [],
    shortNames: [],
    categories: [],
    subresources: [],
    columns: [
      column('Name', 'string', 'name'),
      column('Desired', 'integer'),
      column('Available', 'integer'),
      column('Age', 'string'),
    ],
    fieldSelectors: [],
  },
});
