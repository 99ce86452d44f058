import type { Job, JobSpec, JobStatus } from '../../../api/batch/v1/types.ts';
import type { Pod } from '../../../api/core/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { trackingFinalizer } from './job-tally.ts';
import { completionIndex, failureCount } from './pod-index.ts';

/** When everything in these tests happens, in milliseconds. */
export const now = Date.UTC(2026, 0, 1);

export function makeJob(spec: Partial<JobSpec> = {}, status: JobStatus = {}): Job {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'work' }] } } as JobSpec['template'];
  return {
    metadata: { name: 'job', namespace: 'default', uid: 'job' },
    spec: { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', template, ...spec },
    status: { startTime: rfc3339(now), ...status },
  };
}

export const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3 } as const;

interface PodOptions {
  readonly phase?: string;
  readonly index?: number;
  readonly failures?: number;
  /** Seconds after {@link now} at which its container ended. */
  readonly ended?: number;
  readonly exitCode?: number;
  readonly deleted?: boolean;
  readonly tracked?: boolean;
  readonly ready?: boolean;
}

export function makePod(name: string, options: PodOptions = {}): Pod {
  const { phase = 'Running', index, failures, ended, exitCode = 1, deleted, tracked = true, ready } = options;
  const annotations = {
    ...(index !== undefined && { [completionIndex]: `${index}` }),
    ...(failures !== undefined && { [failureCount]: `${failures}` }),
  };
  const finishedAt = rfc3339(now + (ended ?? 0) * 1000);
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      annotations,
      creationTimestamp: rfc3339(now),
      ...(tracked && { finalizers: [trackingFinalizer] }),
      ...(deleted === true && { deletionTimestamp: rfc3339(now) }),
    },
    spec: { containers: [{ name: 'work' }] },
    status: {
      phase,
      ...(ready !== undefined && { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }),
      ...(ended !== undefined && {
        containerStatuses: [
          {
            name: 'work',
            image: '',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: phase === 'Succeeded' ? 0 : exitCode, finishedAt } },
          },
        ],
      }),
    },
  } as Pod;
}
