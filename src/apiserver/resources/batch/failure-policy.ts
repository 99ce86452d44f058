import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../../../api/batch/v1/types.ts';
import {
  duplicate,
  invalid,
  invalidAsWhole,
  notSupported,
  required,
  tooMany,
} from '../../../apimachinery/validation.ts';
import { checkQualifiedName, type Errors } from '../checks.ts';

const mostRules = 20;
const mostExitCodes = 255;
const mostConditions = 20;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const conditionStates = ['False', 'True', 'Unknown'];

/** What a job makes of its failed pods. */
export function checkFailurePolicy(errors: Errors, spec: Readonly<JobSpec>, path: string): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > mostRules) errors.push(tooMany(`${path}.rules`, rules.length, mostRules));
  const { containers = [], initContainers = [] } = spec.template.spec;
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  rules.forEach((rule, at) => checkRule(errors, rule, spec, names, `${path}.rules[${at}]`));
}

function checkRule(
  errors: Errors,
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  { backoffLimitPerIndex }: Readonly<JobSpec>,
  names: ReadonlySet<string>,
  path: string,
): void {
  if (checkListed(errors, `${path}.action`, action, actions))
    if (action === 'FailIndex' && backoffLimitPerIndex === undefined)
      errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes !== undefined) checkExitCodes(errors, onExitCodes, names, `${path}.onExitCodes`);
  if (onPodConditions.length > 0) checkConditions(errors, onPodConditions, `${path}.onPodConditions`);
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    errors.push(invalidAsWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (onExitCodes === undefined && onPodConditions.length === 0)
    errors.push(invalidAsWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
}

function checkConditions(
  errors: Errors,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
): void {
  if (patterns.length > mostConditions) errors.push(tooMany(path, patterns.length, mostConditions));
  patterns.forEach(({ type, status }, at) => {
    checkQualifiedName(errors, `${path}[${at}].type`, type ?? '');
    checkListed(errors, `${path}[${at}].status`, status, conditionStates);
  });
}

function checkExitCodes(
  errors: Errors,
  { operator, containerName, ...rest }: PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  path: string,
): void {
  checkListed(errors, `${path}.operator`, operator, operators);
  if (containerName !== undefined && !names.has(containerName)) {
    const rule = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(`${path}.containerName`, containerName, rule));
  }
  const field = `${path}.values`;
  // Null where the client left it out.
  const values: readonly number[] = (rest.values as number[] | null) ?? [];
  if (values.length === 0) errors.push(invalid(field, rest.values, 'at least one value is required'));
  else if (values.length > mostExitCodes) errors.push(tooMany(field, values.length, mostExitCodes));
  const seen = new Set<number>();
  values.forEach((value, at) => {
    if (operator === 'In' && value === 0)
      errors.push(invalid(`${field}[${at}]`, value, 'must not be 0 for the In operator'));
    if (seen.has(value)) errors.push(duplicate(`${field}[${at}]`, value));
    seen.add(value);
  });
  if (values.some((value, at) => at > 0 && values[at - 1]! > value))
    errors.push(invalid(field, values, 'must be ordered'));
}

/** Whether a value is there and one of those that exist. */
function checkListed(errors: Errors, field: string, value: string | undefined, known: readonly string[]): boolean {
  if (!value) errors.push(required(field, `valid values: [${known.map((one) => `"${one}"`).join(' ')}]`));
  else if (!known.includes(value)) errors.push(notSupported(field, value, known));
  else return true;
  return false;
}
