import type { DeviceTaint, DeviceToleration } from '../../../api/resource/v1/types.ts';
import { labelValueText } from '../../../apimachinery/names.ts';
import { invalid, notSupported } from '../../../apimachinery/validation.ts';
import { checkOneOf, checkQualifiedName, complain, type Errors } from '../checks.ts';

const effects = ['NoExecute', 'NoSchedule', 'None'];

export function checkTaint(errors: Errors, { key = '', value = '', effect }: DeviceTaint, field: string): void {
  checkQualifiedName(errors, `${field}.key`, key);
  complain(errors, `${field}.value`, value, labelValueText(value));
  checkOneOf(errors, `${field}.effect`, effect, effects, { emptyIsMissing: true });
}

export function tolerationDefaults(toleration: DeviceToleration): void {
  if (!toleration.operator) toleration.operator = 'Equal';
}

export function checkToleration(errors: Errors, toleration: DeviceToleration, field: string): void {
  const { key = '', operator, value = '', effect } = toleration;
  if (key !== '') checkQualifiedName(errors, `${field}.key`, key);
  switch (operator) {
    case 'Exists':
      if (value !== '') errors.push(invalid(`${field}.value`, value, 'must be empty for operator `Exists`'));
      break;
    case 'Equal':
      complain(errors, `${field}.value`, value, labelValueText(value));
      break;
    default:
      errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']));
  }
  if (effect) checkOneOf(errors, `${field}.effect`, effect, effects);
}
