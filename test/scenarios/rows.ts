import {
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  StatefulSets,
  type DaemonSet,
  type Deployment,
  type StatefulSet,
} from '../../src/api/apps/v1/types.ts';
import { HorizontalPodAutoscalers } from '../../src/api/autoscaling/v2/types.ts';
import {
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  ReplicationControllers,
  ResourceQuotas,
} from '../../src/api/core/v1/types.ts';
import { CronJobs, Jobs } from '../../src/api/batch/v1/types.ts';
import { EndpointSlices } from '../../src/api/discovery/v1/types.ts';
import { PodDisruptionBudgets } from '../../src/api/policy/v1/types.ts';
import { ResourceClaims } from '../../src/api/resource/v1/types.ts';
import type { KubeObject } from '../../src/apimachinery/object.ts';
import { targetsCell } from '../../src/apiserver/resources/autoscaling/targets-cell.ts';
import { groupResourceOf, type ResourceType } from '../../src/apimachinery/resource-type.ts';
import type { Names } from './names.ts';
import { nodeState, podState } from './trace.ts';

type Cells = readonly (string | undefined)[];

/** What `get` shows of an object beside its name. */
export function rowOf(type: ResourceType, object: any, names: Names): Cells {
  return (rows.get(groupResourceOf(type)) ?? (({ status }) => [status?.phase]))(object, names);
}

type Row = (object: any, names: Names) => Cells;
const counts: Row = ({ spec, status }) => [
  `${status?.readyReplicas ?? 0}/${spec.replicas}`,
  `updated ${status?.updatedReplicas ?? 0}`,
  `available ${status?.availableReplicas ?? 0}`,
];
const endpoint = (one: any): string => one.targetRef?.name ?? one.addresses[0];

const shown: readonly (readonly [ResourceType, Row])[] = [
  [Pods, (pod) => [podState(pod)]],
  [Nodes, (node) => [nodeState(node)]],
  [Deployments, counts],
  [StatefulSets, counts],
  [
    ReplicaSets,
    (set) => [`revision ${deployedRevision(set)}`, `${set.status?.readyReplicas ?? 0}/${set.spec.replicas}`],
  ],
  [ReplicationControllers, ({ spec, status }) => [`${status?.readyReplicas ?? 0}/${spec.replicas}`]],
  [
    DaemonSets,
    ({ status }) => [
      `${status.numberReady}/${status.desiredNumberScheduled}`,
      `updated ${status.updatedNumberScheduled ?? 0}`,
      `available ${status.numberAvailable ?? 0}`,
      `misscheduled ${status.numberMisscheduled}`,
    ],
  ],
  [
    HorizontalPodAutoscalers,
    ({ spec, status }) => [
      targetsCell(spec.metrics, status.currentMetrics ?? []),
      `${status.currentReplicas ?? 0} to ${status.desiredReplicas}`,
    ],
  ],
  [PersistentVolumes, ({ spec, status }) => [status?.phase, spec.claimRef && `claim ${spec.claimRef.name}`]],
  [
    PersistentVolumeClaims,
    ({ spec, status }, names) => [
      status?.phase,
      spec.volumeName && `volume ${names.numbered(spec.volumeName)}`,
      status?.capacity?.storage,
    ],
  ],
  [
    Jobs,
    ({ spec, status }) => [
      status?.conditions?.findLast((one: any) => one.status === 'True')?.type ?? 'Running',
      `${status?.succeeded ?? 0}/${spec.completions ?? 1}`,
      `active ${status?.active ?? 0}`,
      `failed ${status?.failed ?? 0}`,
      status?.completedIndexes && `done ${status.completedIndexes}`,
      status?.failedIndexes && `given up ${status.failedIndexes}`,
    ],
  ],
  [CronJobs, ({ status }) => [`active ${status?.active?.length ?? 0}`, `last ${status?.lastScheduleTime ?? 'never'}`]],
  [
    ResourceClaims,
    ({ status }) => [
      status?.allocation?.devices?.results?.map(({ pool, device }: any) => `${pool}/${device}`).join(', ') ?? 'pending',
      status?.reservedFor && `for ${status.reservedFor.map(({ name }: any) => name).join(', ')}`,
    ],
  ],
  [ControllerRevisions, ({ revision }) => [`revision ${revision}`]],
  [
    EndpointSlices,
    ({ endpoints }, names) => [
      names
        .inOrder((endpoints ?? []) as any[], endpoint)
        .map((one) => `${endpoint(one)}${one.conditions.ready ? '' : ' (not ready)'}`)
        .join(', '),
    ],
  ],
  [
    PodDisruptionBudgets,
    ({ status }) => [
      `healthy ${status?.currentHealthy}/${status?.expectedPods}`,
      `may go ${status?.disruptionsAllowed}`,
    ],
  ],
  [
    ResourceQuotas,
    ({ status }) =>
      Object.entries(status?.hard ?? {}).map(([name, most]) => `${name} ${status.used?.[name] ?? '?'}/${most}`),
  ],
];
const rows = new Map(shown.map(([type, row]) => [groupResourceOf(type), row]));

/** The revision of a Deployment that a replica set is of. */
export function deployedRevision({ metadata }: Readonly<KubeObject>): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

/** What `kubectl rollout status` waits for. */
export function isRolledOut(object: Readonly<Deployment | StatefulSet | DaemonSet>): boolean {
  const { status, metadata } = object;
  if (status?.observedGeneration !== metadata.generation) return false;
  if ('desiredNumberScheduled' in status!) {
    const { desiredNumberScheduled: desired, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
    return updatedNumberScheduled === desired && numberAvailable === desired;
  }
  const { spec } = object as Deployment | StatefulSet;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status!;
  return [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas);
}
