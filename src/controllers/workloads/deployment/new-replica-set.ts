import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.ts';
import { maximumSize, newSetSize } from './scaling.ts';
import { wanted, type Rollout, type Set } from './rollout.ts';
import { newSetAnnotations, revisionOf, sizeAnnotations } from './annotations.ts';
import { templateHash, templateHashLabel } from './template-hash.ts';

/** Longest name of a pod's owner that leaves room for the pod's own suffix. */
const longestName = 253 - 11;

/** The revision that the present template has or will get: above all others. */
function nextRevision({ oldSets }: Rollout): bigint {
  const highest = oldSets.map(revisionOf).reduce((one, other) => (one > other ? one : other), 0n);
  return BigInt.asIntN(64, highest + 1n);
}

/** The replica set of the present template, to be created. */
export function planNewSet(rollout: Rollout): ReplicaSet {
  const { deployment } = rollout;
  const { spec, metadata, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [templateHashLabel]: hash };
  const { selector } = spec;
  return {
    metadata: {
      name: setName(metadata.name, hash),
      namespace: metadata.namespace,
      labels,
      annotations: {
        ...newSetAnnotations({}, deployment, nextRevision(rollout)),
        ...sizeAnnotations(wanted(deployment), maximumSize(deployment)),
      },
    },
    spec: {
      replicas: newSetSize(rollout),
      ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** The existing set with what it should take over from its Deployment; `undefined` if it has all of that. */
export function planRefresh(rollout: Rollout, set: Set): ReplicaSet | undefined {
  const { deployment } = rollout;
  const present = set.metadata.annotations ?? {};
  const annotations = newSetAnnotations(present, deployment, nextRevision(rollout));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const sameNotes = Object.entries(annotations).every(([name, value]) => present[name] === value);
  const sameSpec = (set.spec.minReadySeconds ?? 0) === minReadySeconds;
  if (sameNotes && sameSpec) return undefined;
  return {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: sameSpec ? set.spec : { ...set.spec, minReadySeconds },
  };
}

function setName(deployment: string, hash: string): string {
  return `${deployment.slice(0, longestName - hash.length - 1)}-${hash}`;
}

/** Old sets beyond the history limit: those of the lowest revisions that have no pods and are settled. */
export function planCleanup({ deployment, oldSets }: Rollout): readonly Set[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const kept = oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = kept.length - limit;
  if (surplus <= 0) return [];
  return kept
    .toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)))
    .slice(0, surplus)
    .filter(
      (set) =>
        wanted(set) === 0 &&
        !set.status?.replicas &&
        (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
    );
}

/** Whether a set made by someone else under our name is the one that we wanted to make. */
export function isOurs(set: Set, deployment: Readonly<Deployment>): boolean {
  return (
    set.metadata.ownerReferences?.some(
      ({ uid, controller }) => controller === true && uid === deployment.metadata.uid,
    ) === true
  );
}
