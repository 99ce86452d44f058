import type { Job, JobSpec } from '../../../api/batch/v1/types.ts';
import { dnsLabel } from '../../../apimachinery/names.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { checkLabelSelector, isUsableSelector, quotedSelector } from '../label-selector.ts';

const controllerUid = 'batch.kubernetes.io/controller-uid';
const jobName = 'batch.kubernetes.io/job-name';
const oldControllerUid = 'controller-uid';
const oldJobName = 'job-name';

/** Gives the pods of a job labels that no other pods have, and the job a selector for them. What is set stays. */
export function generateSelector({ metadata, spec }: Job): void {
  const { name, uid = '' } = metadata;
  const template = (spec.template.metadata ??= {});
  const generated = { [oldJobName]: name, [jobName]: name, [oldControllerUid]: uid, [controllerUid]: uid };
  template.labels = inOrder({ ...generated, ...template.labels });
  const selector = (spec.selector ??= {});
  selector.matchLabels = inOrder({ [controllerUid]: uid, ...selector.matchLabels });
}

/** As refusals quote them. */
function inOrder(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A selector that was generated must be as it was generated. */
export function checkGenerated(
  errors: Errors,
  { metadata, spec }: Readonly<Job>,
  old: Readonly<Job> | undefined,
): void {
  if (spec.manualSelector === true || !spec.selector) return;
  const { name, uid = '' } = metadata;
  if (uid === '') errors.push(required('metadata.uid'));
  const oldLabels = old?.spec.template.metadata?.labels ?? {};
  // Jobs from before there were labels with a prefix need none.
  const prefixed = old === undefined || (jobName in oldLabels && controllerUid in oldLabels);
  const expected: Record<string, string> = {
    [oldControllerUid]: uid,
    [oldJobName]: name,
    ...(prefixed && { [controllerUid]: uid, [jobName]: name }),
  };
  const labels = spec.template.metadata?.labels;
  for (const [key, value] of Object.entries(expected)) {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels === undefined || !Object.hasOwn(labels, key)) errors.push(required(field, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalid(field, labels, `must be '${value}'`));
  }
  if (isUsableSelector(spec.selector) && !labelSelectorOf(spec.selector).matches(expected))
    errors.push(invalid('spec.selector', quotedSelector(spec.selector), '`selector` not auto-generated'));
}

/** Generated or not, the selector must be there and pick the pods of the template. */
export function checkSelection(errors: Errors, { selector, template }: Readonly<JobSpec>): void {
  if (!selector) errors.push(required('spec.selector'));
  else checkLabelSelector(errors, selector, 'spec.selector');
  if (selector && !isUsableSelector(selector)) return;
  const labels = template.metadata?.labels;
  if (selector && labelSelectorOf(selector).matches(labels ?? {})) return;
  errors.push(invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'));
}

/** The index of a pod becomes part of its host name. */
export function checkIndexedHostname(errors: Errors, { metadata: { name }, spec }: Readonly<Job>): void {
  const { completionMode, completions = 0 } = spec;
  if (completionMode !== 'Indexed' || completions <= 0) return;
  const longest = `${name}-${completions - 1}`;
  if (dnsLabel(longest).length > 0)
    errors.push(invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`));
}
