import type { Job, JobStatus } from '../../../api/batch/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { parseTime } from '../../../apimachinery/time.ts';
import { duplicate, invalid, invalidAsWhole, required } from '../../../apimachinery/validation.ts';
import { checkNonNegative, immutableField, type Errors } from '../checks.ts';
import { commonIndex, countIndexes } from './index-list.ts';

/**
 * The rules of a job's status. Most look only at what a write changes: what the spec made wrong, the controller is to
 * put right.
 */
export function checkJobStatus(job: Readonly<Job>, old: Readonly<Job>): Errors {
  const errors: Errors = [];
  checkCounts(errors, job.status ?? {});
  checkEnd(errors, job, old);
  checkIndexes(errors, job, old);
  checkPods(errors, job, old);
  checkSuccess(errors, job);
  checkCourse(errors, job, old);
  return errors;
}

/** Whether a condition is there and true. */
export function isTrue(status: Readonly<JobStatus> | undefined, type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
}

function isFinished(status: Readonly<JobStatus> | undefined): boolean {
  return isTrue(status, 'Complete') || isTrue(status, 'Failed');
}

function checkCounts(errors: Errors, status: Readonly<JobStatus>): void {
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    checkNonNegative(errors, `status.${name}`, status[name]);
  const seen = new Set<string>();
  for (const name of ['succeeded', 'failed'] as const)
    status.uncountedTerminatedPods?.[name]?.forEach((uid, at) => {
      const field = `status.uncountedTerminatedPods.${name}[${at}]`;
      if (uid === '') errors.push(invalid(field, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(field, uid));
      seen.add(uid);
    });
}

/** What a finished job says, and when it began and ended. */
function checkEnd(errors: Errors, job: Readonly<Job>, old: Readonly<Job>): void {
  const { status = {} } = job;
  const { startTime, completionTime } = status;
  const complete = isTrue(status, 'Complete');
  const failed = isTrue(status, 'Failed');
  const turned = (type: string): boolean => isTrue(old.status, type) !== isTrue(status, type);
  const timeChanged = completionTime !== old.status?.completionTime;
  const conditions = (text: string): void => void errors.push(invalidAsWhole('status.conditions', text));

  if ((turned('Complete') || turned('Failed')) && complete && failed)
    conditions('cannot set Complete=True and Failed=true conditions');
  if ((turned('Complete') || turned('FailureTarget')) && complete && isTrue(status, 'FailureTarget'))
    conditions('cannot set Complete=True and FailureTarget=true conditions');
  if ((turned('Complete') || timeChanged) && completionTime !== undefined && !complete) {
    const rule = 'cannot set completionTime when there is no Complete=True condition';
    errors.push(invalid('status.completionTime', completionTime, rule));
  }
  if ((turned('Complete') || timeChanged) && completionTime === undefined && complete)
    errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  if (timeChanged || startTime !== old.status?.startTime)
    if ((parseTime(completionTime) ?? Infinity) < (parseTime(startTime) ?? -Infinity))
      errors.push(invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'));
  const failedIndexesChanged = status.failedIndexes !== old.status?.failedIndexes;
  if ((turned('Failed') || failedIndexesChanged) && failed && !isTrue(status, 'FailureTarget'))
    conditions('cannot set Failed=True condition without the FailureTarget=true condition');
  if ((turned('Complete') || turned('SuccessCriteriaMet')) && complete && !isTrue(status, 'SuccessCriteriaMet'))
    conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  checkAtRest(errors, job, old);
}

/** A finished job has begun, and nothing of it runs or is uncounted. */
function checkAtRest(errors: Errors, { spec, status = {} }: Readonly<Job>, old: Readonly<Job>): void {
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  if (!isFinished(status)) return;
  const turned = !isFinished(old.status);
  if ((turned || active !== (old.status?.active ?? 0)) && active > 0)
    errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  const neverStarts = spec.suspend === true && spec.completions === 0;
  if ((turned || startTime !== old.status?.startTime) && !neverStarts && startTime === undefined)
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  const { succeeded = [], failed = [] } = uncounted ?? {};
  const changed = !semanticEqual(uncounted, old.status?.uncountedTerminatedPods);
  if ((turned || changed) && succeeded.length + failed.length > 0) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null };
    errors.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'));
  }
}

function checkIndexes(errors: Errors, { spec, status = {} }: Readonly<Job>, old: Readonly<Job>): void {
  const { completedIndexes = '', failedIndexes } = status;
  const { completions, completionMode, backoffLimitPerIndex } = spec;
  const completedChanged = completedIndexes !== (old.status?.completedIndexes ?? '');
  const failedChanged = failedIndexes !== old.status?.failedIndexes;
  const checkFormat = (name: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const counted = countIndexes(text, completions ?? 0);
    if (typeof counted !== 'number')
      errors.push(invalid(`status.${name}`, text, `error parsing ${name}: ${counted.complaint}`));
  };
  if (completedChanged && completions !== undefined) checkFormat('completedIndexes', completedIndexes);
  if (failedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failedIndexes !== undefined)
    checkFormat('failedIndexes', failedIndexes);
  if (completedChanged && completedIndexes !== '' && completionMode !== 'Indexed') {
    const rule = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalid('status.completedIndexes', completedIndexes, rule));
  }
  if (failedChanged && backoffLimitPerIndex === undefined && failedIndexes !== undefined) {
    const rule = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.push(invalid('status.failedIndexes', failedIndexes, rule));
  }
  if ((!completedChanged && !failedChanged) || completions === undefined || failedIndexes === undefined) return;
  const common = commonIndex(completedIndexes, failedIndexes, completions);
  if (common !== undefined) {
    const rule = `failedIndexes and completedIndexes overlap at index: ${common}`;
    errors.push(invalid('status.failedIndexes', failedIndexes, rule));
  }
}

function checkPods(errors: Errors, { status = {} }: Readonly<Job>, old: Readonly<Job>): void {
  const { active = 0, ready, terminating } = status;
  const turned = isFinished(old.status) !== isFinished(status);
  if ((turned || terminating !== old.status?.terminating) && (terminating ?? 0) > 0 && isFinished(status))
    errors.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  const changed = ready !== old.status?.ready || active !== (old.status?.active ?? 0);
  if (changed && ready !== undefined && ready > active)
    errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'));
}

function checkSuccess(errors: Errors, { spec, status }: Readonly<Job>): void {
  const met = isTrue(status, 'SuccessCriteriaMet');
  const conditions = (text: string): void => void errors.push(invalidAsWhole('status.conditions', text));
  if (met && isTrue(status, 'Failed')) conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (met && isTrue(status, 'FailureTarget'))
    conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (spec.successPolicy !== undefined && !met && isTrue(status, 'Complete'))
    conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
}

/** What cannot be taken back. */
function checkCourse(errors: Errors, { spec, status = {} }: Readonly<Job>, old: Readonly<Job>): void {
  const before = old.status ?? {};
  const conditions = (text: string): void => void errors.push(invalidAsWhole('status.conditions', text));
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (isTrue(before, type) && !isTrue(status, type)) conditions(`cannot disable the terminal ${type}=True condition`);
  const { failed = 0, succeeded = 0, completionTime, startTime } = status;
  if (failed < (before.failed ?? 0))
    errors.push(invalid('status.failed', failed, 'cannot decrease the failed counter'));
  // Indexed jobs with a pod for each index may shrink.
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!isElastic && succeeded < (before.succeeded ?? 0))
    errors.push(invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'));
  if (completionTime !== undefined && before.completionTime !== undefined && completionTime !== before.completionTime)
    errors.push(invalid('status.completionTime', completionTime, immutableField));
  const resumes =
    isTrue(before, 'Suspended') &&
    status.conditions?.some((one) => one.type === 'Suspended' && one.status === 'False') === true;
  if (before.startTime !== undefined && startTime !== before.startTime && !resumes && spec.suspend !== true) {
    const rule = 'field is immutable for unsuspended job once set';
    errors.push(invalid('status.startTime', startTime ?? null, rule));
  }
  const wasMet = isTrue(before, 'SuccessCriteriaMet');
  const isMet = isTrue(status, 'SuccessCriteriaMet');
  if (wasMet && !isMet) conditions('cannot disable the SuccessCriteriaMet=True condition');
  if (isTrue(before, 'Complete') && !wasMet && isMet)
    conditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
}
