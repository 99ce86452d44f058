import type { JobSpec, JobTemplateSpec } from '../../../api/batch/v1/types.ts';
import { invalid, notSupported, required, tooLong } from '../../../apimachinery/validation.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { podWarnings } from '../core/pod-spec/warnings.ts';
import { checkPodTemplate } from '../core/pod-spec/template.ts';
import { checkDomainPath } from '../domain-path.ts';
import { quotedSelector } from '../label-selector.ts';
import { checkFailurePolicy } from './failure-policy.ts';
import { innerSuccessPolicy } from './inner-policies.ts';
import { checkSuccessPolicy } from './success-policy.ts';

/** Pods at once, and failed indexes, that an Indexed job may have: they bound how long its status gets. */
const mostAtOnce = 100_000;
/** From so many completions on, jobs that count failures by index may have fewer of both. */
const manyCompletions = 100_000;
const mostOfManyCompletions = 10_000;
const longestManager = 63;
const restartPolicies = ['OnFailure', 'Never'];
const nonNegative = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

/** The rules of a job's spec that hold in a CronJob too. */
export function checkJobSpec(errors: Errors, spec: Readonly<JobSpec>, path: string): void {
  for (const name of nonNegative) checkNonNegative(errors, `${path}.${name}`, spec[name]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) {
    checkDomainPath(errors, `${path}.managedBy`, spec.managedBy);
    if (Buffer.byteLength(spec.managedBy) > longestManager) errors.push(tooLong(`${path}.managedBy`, longestManager));
  }
  checkCompletionMode(errors, spec, path);
  if (spec.podFailurePolicy !== undefined) checkFailurePolicy(errors, spec, `${path}.podFailurePolicy`);
  if (spec.successPolicy !== undefined) {
    const field = `${path}.successPolicy`;
    if (spec.completionMode === 'Indexed') checkSuccessPolicy(errors, spec, field);
    else errors.push(invalid(field, innerSuccessPolicy(spec.successPolicy), 'requires indexed completion mode'));
  }
  checkReplacement(errors, spec, `${path}.podReplacementPolicy`);
  checkPodTemplate(errors, spec.template, `${path}.template`);
  checkRestarts(errors, spec, `${path}.template.spec.restartPolicy`);
}

function checkCompletionMode(errors: Errors, spec: Readonly<JobSpec>, path: string): void {
  const { completionMode: mode, backoffLimitPerIndex, maxFailedIndexes } = spec;
  const modes = ['NonIndexed', 'Indexed'];
  if (mode !== undefined && !modes.includes(mode)) errors.push(notSupported(`${path}.completionMode`, mode, modes));
  if (mode === 'Indexed') checkIndexed(errors, spec, path);
  if (mode !== undefined && mode !== 'NonIndexed') return;
  for (const [name, limit] of Object.entries({ backoffLimitPerIndex, maxFailedIndexes }))
    if (limit !== undefined) errors.push(invalid(`${path}.${name}`, limit, 'requires indexed completion mode'));
}

function checkIndexed(errors: Errors, spec: Readonly<JobSpec>, path: string): void {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const failed = `${path}.maxFailedIndexes`;
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > mostAtOnce) {
    const rule = `must be less than or equal to ${mostAtOnce} when completion mode is Indexed`;
    errors.push(invalid(`${path}.parallelism`, parallelism, rule));
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    errors.push(invalid(failed, maxFailedIndexes, 'must be less than or equal to completions'));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > mostAtOnce)
    errors.push(invalid(failed, maxFailedIndexes, `must be less than or equal to ${mostAtOnce}`));
  if (completions === undefined || completions <= manyCompletions || backoffLimitPerIndex === undefined) return;
  const rule = `must be less than or equal to ${mostOfManyCompletions} when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined)
    errors.push(required(failed, `must be specified when completions is above ${manyCompletions}`));
  if (parallelism > mostOfManyCompletions) errors.push(invalid(`${path}.parallelism`, parallelism, rule));
  if (maxFailedIndexes !== undefined && maxFailedIndexes > mostOfManyCompletions)
    errors.push(invalid(failed, maxFailedIndexes, rule));
}

function checkReplacement(errors: Errors, spec: Readonly<JobSpec>, field: string): void {
  const policy = spec.podReplacementPolicy;
  const policies = spec.podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  if (policy !== undefined && !policies.includes(policy)) errors.push(notSupported(field, policy, policies));
}

function checkRestarts(errors: Errors, { template, podFailurePolicy }: Readonly<JobSpec>, field: string): void {
  const policy = template.spec.restartPolicy ?? '';
  if (policy === 'Always' || policy === '') errors.push(required(field, 'valid values: "OnFailure", "Never"'));
  else if (!restartPolicies.includes(policy)) errors.push(notSupported(field, policy, restartPolicies));
  else if (podFailurePolicy !== undefined && policy !== 'Never')
    errors.push(invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

/** What a CronJob's template may say less than a Job. */
export function checkJobTemplate(errors: Errors, { spec }: Readonly<JobTemplateSpec>, path: string): void {
  checkJobSpec(errors, spec, `${path}.spec`);
  if (spec.selector !== undefined)
    errors.push(invalid(`${path}.spec.selector`, quotedSelector(spec.selector), '`selector` will be auto-generated'));
  if (spec.manualSelector === true) errors.push(notSupported(`${path}.spec.manualSelector`, true, ['nil', 'false']));
}

export function jobWarnings(spec: Readonly<JobSpec>, path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec;
  const pods = podWarnings(template.metadata ?? {}, template.spec, `${path}.template`);
  if (completionMode !== 'Indexed' || completions <= manyCompletions || parallelism <= mostOfManyCompletions)
    return pods;
  const doubt =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [`${path}: ${doubt}`, ...pods];
}
