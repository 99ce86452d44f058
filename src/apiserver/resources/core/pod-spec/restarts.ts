import type { Container, ContainerResizePolicy, PodSpec } from '../../../../api/core/v1/types.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../../../../apimachinery/validation.ts';
import { checkOneOf, type Errors } from '../../checks.ts';

const policies = ['Always', 'Never', 'OnFailure'];

/** A container's own restart policy, which stands above the pod's, and its rules by exit code. */
export function checkContainerRestarts(errors: Errors, container: Container, path: string): void {
  const { restartPolicy, restartPolicyRules } = container;
  if (restartPolicy !== undefined && !policies.includes(restartPolicy))
    errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, policies));
  if (restartPolicyRules?.length) {
    if (restartPolicy === undefined) needPolicy(errors, path);
    checkRules(errors, restartPolicyRules, `${path}.restartPolicyRules`);
  }
}

/** The same, but for rules without a policy, which are not looked at. */
export function checkInitContainerRestarts(errors: Errors, container: Container, path: string): void {
  const { restartPolicy, restartPolicyRules } = container;
  if (restartPolicy === undefined && restartPolicyRules?.length) needPolicy(errors, path);
  else checkContainerRestarts(errors, container, path);
}

function needPolicy(errors: Errors, path: string): void {
  errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
}

const actions = ['Restart', 'RestartAllContainers'];
const operators = ['In', 'NotIn'];
const mostRules = 20;
const mostValues = 255;

function checkRules(errors: Errors, rules: NonNullable<Container['restartPolicyRules']>, field: string): void {
  if (rules.length > mostRules) errors.push(tooMany(field, rules.length, mostRules));
  rules.forEach(({ action, exitCodes }, i) => {
    checkOneOf(errors, `${field}[${i}].action`, action, actions);
    if (exitCodes === undefined) {
      errors.push(required(`${field}[${i}].exitCodes`, 'must be specified'));
      return;
    }
    const { operator, values } = exitCodes;
    const at = `${field}[${i}].exitCodes`;
    checkOneOf(errors, `${at}.operator`, operator, operators);
    if ((values?.length ?? 0) > mostValues) errors.push(tooMany(`${at}.values`, values!.length, mostValues));
  });
}

const resizable = ['cpu', 'memory'];
const resizeRestarts = ['NotRequired', 'RestartContainer'];

export function checkResizePolicy(
  errors: Errors,
  list: readonly ContainerResizePolicy[],
  podRestartPolicy: PodSpec['restartPolicy'],
  field: string,
): void {
  const seen = new Set<string>();
  list.forEach(({ resourceName, restartPolicy }, i) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${field}[${i}]`, resourceName));
    seen.add(resourceName);
    if (!resourceName) errors.push(required(field));
    else if (!resizable.includes(resourceName)) errors.push(notSupported(field, resourceName, resizable));
    if (!restartPolicy) errors.push(required(field));
    else if (!resizeRestarts.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, resizeRestarts));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
  });
}
