import type { Job } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';

/** Annotation and label of a pod of an Indexed job. */
export const completionIndex = 'batch.kubernetes.io/job-completion-index';
/** Annotations: how often pods of this index have failed before, counted and ignored. */
export const failureCount = 'batch.kubernetes.io/job-index-failure-count';
export const ignoredFailureCount = 'batch.kubernetes.io/job-index-ignored-failure-count';

export function isIndexed({ spec }: Readonly<Job>): boolean {
  return spec.completionMode === 'Indexed';
}

/** The index of a pod, if it has one that the job has. */
export function indexOf(pod: Readonly<Pod>, { spec }: Readonly<Job>): number | undefined {
  const index = anyIndexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** The index of a pod, though the job may have shrunk below it. */
export function anyIndexOf({ metadata }: Readonly<Pod>): number | undefined {
  const text = metadata.annotations?.[completionIndex];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

/** Failures of this index before the pod. */
export function failuresBefore(pod: Readonly<Pod>): { readonly counted: number; readonly ignored: number } {
  return { counted: count(pod, failureCount), ignored: count(pod, ignoredFailureCount) };
}

function count({ metadata }: Readonly<Pod>, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? '';
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : 0;
}
