import type { Condition } from '../../api/meta/v1/types.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import { patternComplaint } from '../../apimachinery/names.ts';
import { duplicate, invalid, notSupported, required, tooLong } from '../../apimachinery/validation.ts';
import { checkQualifiedName, type Errors } from './checks.ts';

const longestReason = 1024;
const longestMessage = 32 * 1024;
const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonExpression = new RegExp(`^${reasonPattern}$`);
const reasonRule =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const reasonExamples = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'];

/** A list of meta/v1 Conditions: each whole, and none of one type twice. */
export function checkMetaConditions(
  errors: Errors,
  conditions: readonly Condition[] | null | undefined,
  field: string,
): void {
  const types = new Set<string>();
  conditions?.forEach((condition, i) => {
    const { type = '' } = condition;
    if (types.has(type)) errors.push(duplicate(`${field}[${i}].type`, type));
    types.add(type);
    checkCondition(errors, condition, `${field}[${i}]`);
  });
}

function checkCondition(errors: Errors, condition: Condition, field: string): void {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
  const statuses = ['False', 'True', 'Unknown'];
  checkQualifiedName(errors, `${field}.type`, type);
  if (!statuses.includes(status)) errors.push(notSupported(`${field}.status`, status, statuses));
  if (observedGeneration < 0)
    errors.push(invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  if (!lastTransitionTime) errors.push(required(`${field}.lastTransitionTime`));
  if (reason === '') errors.push(required(`${field}.reason`));
  else if (!reasonExpression.test(reason))
    errors.push(invalid(`${field}.reason`, reason, patternComplaint(reasonRule, reasonPattern, ...reasonExamples)));
  if (byteLength(reason) > longestReason) errors.push(tooLong(`${field}.reason`, longestReason));
  if (byteLength(message) > longestMessage) errors.push(tooLong(`${field}.message`, longestMessage));
}
