import { Jobs, type Job } from '../api/batch/v1/types.ts';
import { PersistentVolumeClaims, Pods, type PersistentVolumeClaim, type Pod } from '../api/core/v1/types.ts';
import { StorageClasses, type StorageClass } from '../api/storage/v1/types.ts';
import type { KubeList, KubeObject } from '../apimachinery/object.ts';
import type { Transport } from '../apimachinery/request.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';

/** An object that does not get on by itself. */
export interface Trouble {
  readonly kind: 'Pod' | 'Job' | 'PersistentVolumeClaim';
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
  readonly why: string;
}

/** So long anything may take without being called stuck. */
const patienceMs = 60_000;

type Found = Pick<Trouble, 'since' | 'why'>;

/** What is stuck in a cluster; `now` is wall time in milliseconds. Rejects when not all could be read. */
export async function troublesOf(api: Transport, now: number): Promise<Trouble[]> {
  const read = async <T extends KubeObject>(type: ResourceType<T>): Promise<readonly T[]> =>
    ((await api.call({ verb: 'list', type })) as KubeList<T>).items;
  const [claims, classes, jobs, pods] = await Promise.all([
    read(PersistentVolumeClaims),
    read(StorageClasses),
    read(Jobs),
    read(Pods),
  ]);
  const waiting = claimsWithoutPods(classes, pods);
  const all = [
    ...claims.filter((claim) => !waiting(claim)).map((claim) => troubleOf('PersistentVolumeClaim', claim, stuckClaim)),
    ...jobs.map((job) => troubleOf('Job', job, stuckJob)),
    ...pods.map((pod) => troubleOf('Pod', pod, stuckPod)),
  ];
  return all.filter((trouble) => trouble !== undefined && now - Date.parse(trouble.since) >= patienceMs) as Trouble[];
}

function troubleOf<T extends KubeObject>(
  kind: Trouble['kind'],
  object: T,
  judge: (object: T) => Found | undefined,
): Trouble | undefined {
  const { namespace = '', name } = object.metadata;
  const found = judge(object);
  return found && { kind, namespace, name, ...found };
}

/** Claims that rightly have no volume: their class waits for the first pod, and there is none. */
function claimsWithoutPods(
  classes: readonly StorageClass[],
  pods: readonly Pod[],
): (claim: PersistentVolumeClaim) => boolean {
  const patient = new Set(
    classes
      .filter(({ volumeBindingMode }) => volumeBindingMode === 'WaitForFirstConsumer')
      .map(({ metadata }) => metadata.name),
  );
  const used = new Set(
    pods.flatMap(({ metadata: { namespace }, spec }) =>
      (spec?.volumes ?? []).map((volume) => `${namespace}/${volume.persistentVolumeClaim?.claimName}`),
    ),
  );
  return ({ metadata, spec, status }) =>
    status?.phase === 'Pending' &&
    patient.has(spec?.storageClassName ?? '') &&
    !used.has(`${metadata.namespace}/${metadata.name}`);
}

/** A claim that has no volume, or has lost it. */
export function stuckClaim({ metadata, spec, status }: Readonly<PersistentVolumeClaim>): Found | undefined {
  const since = metadata.creationTimestamp ?? '';
  if (metadata.deletionTimestamp !== undefined)
    return { since: metadata.deletionTimestamp, why: `it is deleted, and ${metadata.finalizers?.join(', ')} keeps it` };
  if (status?.phase === 'Lost') return { since, why: `its volume ${spec?.volumeName ?? ''} is gone` };
  if (status?.phase === 'Bound') return undefined;
  const className = spec?.storageClassName;
  return { since, why: className ? `no volume of class ${className} is bound to it` : 'no volume is bound to it' };
}

/** A Job that neither ends nor gets on: none of its pods runs well. */
export function stuckJob({ metadata, spec, status = {} }: Readonly<Job>): Found | undefined {
  const conditions = status.conditions ?? [];
  const isOver = conditions.some(({ type, status: holds }) => holds === 'True' && /^(Complete|Failed)$/.test(type));
  if (isOver || spec?.suspend === true || (status.ready ?? 0) > 0) return undefined;
  const { active = 0, failed = 0 } = status;
  const since = status.startTime ?? metadata.creationTimestamp ?? '';
  if (failed > 0) return { since, why: `${failed} of its pods failed, and none is ready` };
  return { since, why: active > 0 ? `none of its ${active} pods is ready` : 'it has no pods' };
}

/** A pod that is not ready, for a reason that it names. */
export function stuckPod({ metadata, status = {} }: Readonly<Pod>): Found | undefined {
  if (metadata.deletionTimestamp !== undefined)
    return { since: metadata.deletionTimestamp, why: 'it is deleted, and has not ended' };
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  const since = ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '';
  const waiting = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    .map(({ state }) => state?.waiting)
    .find((one) => one?.reason !== undefined && one.reason !== 'PodInitializing');
  if (waiting !== undefined)
    return {
      since,
      why: [waiting.reason, waiting.message].filter((part) => part !== undefined && part !== '').join(': '),
    };
  const unplaced = status.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False');
  return { since, why: unplaced?.message ?? ready?.message ?? 'it is not ready' };
}
