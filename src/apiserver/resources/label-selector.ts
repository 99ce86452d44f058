import type { LabelSelector, LabelSelectorRequirement } from '../../api/meta/v1/types.ts';
import { labelValueText } from '../../apimachinery/names.ts';
import { forbidden, invalid, required } from '../../apimachinery/validation.ts';
import { checkLabels, checkQualifiedName, complain, type Errors } from './checks.ts';

export function checkLabelSelector(errors: Errors, selector: LabelSelector | undefined, field: string): void {
  if (selector === undefined) return;
  if (selector.matchLabels !== undefined) checkLabels(errors, `${field}.matchLabels`, selector.matchLabels);
  selector.matchExpressions?.forEach((one, i) => checkRequirement(errors, one, `${field}.matchExpressions[${i}]`));
}

/** Whether a selector can be used at all: a wrong operator or a missing value makes it match nothing. */
export function isUsableSelector(selector: LabelSelector): boolean {
  const errors: Errors = [];
  checkLabelSelector(errors, selector, '');
  return errors.length === 0;
}

/** A selector as Go writes it, which is how refusals quote it. */
export function quotedSelector({ matchLabels, matchExpressions }: LabelSelector): LabelSelector {
  return {
    ...(matchLabels !== undefined && Object.keys(matchLabels).length > 0 && { matchLabels: inOrder(matchLabels) }),
    ...(matchExpressions?.length && {
      matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
        key,
        operator,
        ...(values?.length && { values }),
      })),
    }),
  };
}

/** Go writes maps in the order of their keys. */
function inOrder(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return (matchLabels === undefined || Object.keys(matchLabels).length === 0) && !matchExpressions?.length;
}

function checkRequirement(errors: Errors, { key, operator, values }: LabelSelectorRequirement, field: string): void {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (!values?.length)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values?.length)
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    default:
      errors.push(invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  checkQualifiedName(errors, `${field}.key`, key ?? '');
  values?.forEach((value, i) => complain(errors, `${field}.values[${i}]`, value, labelValueText(value)));
}
