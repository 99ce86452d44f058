import type { Deployment, ReplicaSet } from '../../../api/apps/v1/types.ts';

/** The annotations through which a Deployment and its replica sets tell their history. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Those that are a Deployment's own and not handed down. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** Longest list of former revisions, in characters. */
const longestHistory = 2000;

type Annotations = Readonly<Record<string, string>>;

/** The revision that a replica set or Deployment carries, which has 64 bits; 0 if none or not a number. */
export function revisionOf({ metadata }: Readonly<Deployment> | Readonly<ReplicaSet>): bigint {
  return parseRevision(metadata.annotations?.[revisionAnnotation]);
}

function parseRevision(text = ''): bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) return 0n;
  const revision = text.startsWith('+') ? BigInt(text.slice(1)) : BigInt(text);
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

/**
 * The annotations of the replica set that is rolled out as `revision`: those of the Deployment, among them the change
 * cause, and its revisions. A set that comes back from an earlier revision remembers that one in its history.
 */
export function newSetAnnotations(
  present: Annotations,
  deployment: Readonly<Deployment>,
  revision: bigint,
): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.has(name));
  const wanted: Record<string, string> = { ...present, ...Object.fromEntries(copied) };
  const former = present[revisionAnnotation];
  if (parseRevision(former) >= revision) return wanted;
  wanted[revisionAnnotation] = String(revision);
  if (former !== undefined) wanted[revisionHistoryAnnotation] = withFormer(present[revisionHistoryAnnotation], former);
  return wanted;
}

/** The sizes that proportional scaling measures against. */
export function sizeAnnotations(desired: number, maximum: number): Annotations {
  return { [desiredReplicasAnnotation]: String(desired), [maxReplicasAnnotation]: String(maximum) };
}

/** Whether `present` has all of `wanted`. */
export function hasAnnotations(present: Annotations | undefined, wanted: Annotations): boolean {
  return Object.entries(wanted).every(([name, value]) => present?.[name] === value);
}

/** The list without its oldest entries where it would grow too long. */
function withFormer(history: string | undefined, former: string): string {
  const revisions = history ? history.split(',') : [];
  revisions.push(former);
  while (revisions.length > 1 && revisions.join(',').length > longestHistory) revisions.shift();
  return revisions.join(',');
}
