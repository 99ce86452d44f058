import type { Job, JobCondition } from '../../api/batch/v1/types.ts';

/** The condition by which a job is over, if it is. */
export function finishOf({ status }: Readonly<Job>): JobCondition | undefined {
  return status?.conditions?.find(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );
}

const ourName = 'kubernetes.io/job-controller';

/** Whether somebody else runs the pods of a job. */
export function isManagedElsewhere({ spec }: Readonly<Job>): boolean {
  return (spec.managedBy ?? ourName) !== ourName;
}
