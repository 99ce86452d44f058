import type { Node, Pod } from '../../../src/api/core/v1/types.ts';

/** The sorts of pods that are scheduled, as scheduler_perf of Kubernetes names them. */
export type Sort = 'basic' | 'spreading' | 'anti-affinity' | 'affinity' | 'daemonset' | 'preemption';

const image = 'registry.k8s.io/pause:3.10';
export const namespace = 'default';
export const priorityClass = 'high';

/** A node as scheduler_perf makes them, in one of three zones. */
export function node(index: number): Node {
  const name = `node-${index}`;
  const amounts = { cpu: '4', memory: '32Gi', pods: '110' };
  return {
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}` },
    },
    spec: {},
    status: { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] },
  } as Node;
}

/** The pod of this number, of `count` on `nodes` nodes. */
export function pod(sort: Sort, index: number, nodes: number): Pod {
  const labels = { app: sort, color: `color-${index % 10}` };
  return {
    metadata: { name: `${sort}-${index}`, namespace, labels },
    spec: {
      containers: [
        {
          name: 'pause',
          image,
          resources: { requests: { cpu: sort === 'preemption' ? '3' : '100m', memory: '500Mi' } },
        },
      ],
      ...(sort === 'preemption' && { priorityClassName: priorityClass }),
      ...special(sort, index, nodes),
    },
  } as Pod;
}

function special(sort: Sort, index: number, nodes: number): Partial<Pod['spec']> {
  const labelSelector = { matchLabels: { app: sort } };
  switch (sort) {
    case 'spreading':
      return {
        topologySpreadConstraints: [
          { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector },
        ],
      };
    case 'affinity':
      return {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'topology.kubernetes.io/zone', labelSelector },
            ],
          },
        },
      };
    case 'anti-affinity':
      return {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector }],
          },
        },
      };
    case 'daemonset':
      return {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: 'metadata.name', operator: 'In', values: [`node-${index % nodes}`] }] },
              ],
            },
          },
        },
      };
    default:
      return {};
  }
}
