import type { ResourceAttributes } from '../../../api/authorization/v1/types.ts';
import { labelValueText, qualifiedName } from '../../../apimachinery/names.ts';
import {
  fieldSelectorText,
  parseFieldSelector,
  type FieldRequirement,
} from '../../../apimachinery/selectors/field-selector.ts';
import { labelSelectorText, parseLabelSelector } from '../../../apimachinery/selectors/label-selector.ts';
import { SelectorError } from '../../../apimachinery/selectors/requirement.ts';
import { forbidden, invalid, required, type FieldError } from '../../../apimachinery/validation.ts';

type FieldSelector = NonNullable<ResourceAttributes['fieldSelector']>;
type LabelSelector = NonNullable<ResourceAttributes['labelSelector']>;
type Requirement = NonNullable<FieldSelector['requirements']>[number];

/** Errors of the selectors that a review names. Operators that nobody knows are let through: newer clients may send them. */
export function errorsOfSelectors({ fieldSelector, labelSelector }: Readonly<ResourceAttributes> = {}): FieldError[] {
  const at = 'spec.resourceAttributes';
  return [
    ...errorsOf(fieldSelector, `${at}.fieldSelector`, (one, field) => [
      ...(one.key ? [] : [required(`${field}.key`, 'must be specified')]),
      ...errorsOfValues(one, field),
    ]),
    ...errorsOf(labelSelector, `${at}.labelSelector`, (one, field) => [
      ...errorsOfValues(one, field),
      ...qualifiedName(one.key ?? '').map((problem) => invalid(`${field}.key`, one.key ?? '', problem)),
      ...(one.values ?? []).flatMap((value, i) =>
        labelValueText(value).map((problem) => invalid(`${field}.values[${i}]`, value, problem)),
      ),
    ]),
  ];
}

function errorsOf(
  selector: FieldSelector | LabelSelector | undefined,
  field: string,
  errorsOfOne: (requirement: Requirement, field: string) => FieldError[],
): FieldError[] {
  if (selector === undefined) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  if (rawSelector === '' && requirements.length === 0)
    errors.push(
      required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`),
    );
  return [...errors, ...requirements.flatMap((one, i) => errorsOfOne(one, `${field}.requirements[${i}]`))];
}

function errorsOfValues({ operator, values = [] }: Requirement, field: string): FieldError[] {
  if (values.length === 0 && (operator === 'In' || operator === 'NotIn'))
    return [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if (values.length > 0 && (operator === 'Exists' || operator === 'DoesNotExist'))
    return [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}

/** A selector as requests have it. What cannot be understood is left out: the question is then wider, never narrower. */
export interface AskedSelector {
  readonly text: string;
  /** What of it was left out, if so. */
  readonly problem?: string;
}

export function fieldSelectorOf(selector: FieldSelector | undefined): AskedSelector {
  return asked('fieldSelector', selector, {
    readable: (text) => parseFieldSelector(text),
    known: ({ operator, values = [] }) => (operator === 'In' || operator === 'NotIn') && values.length === 1,
    text: (all) =>
      fieldSelectorText({
        requirements: all.map(({ key = '', operator, values = [] }): FieldRequirement => {
          return { field: key, operator: operator === 'In' ? '=' : '!=', value: values[0]! };
        }),
      }),
  });
}

const labelOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

export function labelSelectorOf(selector: LabelSelector | undefined): AskedSelector {
  return asked('labelSelector', selector, {
    readable: (text) => parseLabelSelector(text),
    known: ({ operator = '' }) => labelOperators.includes(operator),
    text: (all) =>
      labelSelectorText({
        matchExpressions: all.map(({ key = '', operator = '', values = [] }) => ({ key, operator, values })),
      }),
  });
}

function asked(
  name: string,
  { rawSelector = '', requirements = [] }: FieldSelector | LabelSelector = {},
  how: {
    readable(text: string): unknown;
    known(requirement: Requirement): boolean;
    text(requirements: readonly Requirement[]): string;
  },
): AskedSelector {
  const ignored = `spec.resourceAttributes.${name} ignored due to parse error`;
  if (requirements.length === 0)
    return isReadable(rawSelector, how.readable) ? { text: rawSelector } : { text: '', problem: ignored };
  const known = requirements.filter((one) => how.known(one));
  const text = known.length === 0 ? '' : how.text(known);
  if (known.length === requirements.length) return { text };
  return { text, problem: known.length === 0 ? ignored : ignored.replace(' ignored', ' partially ignored') };
}

function isReadable(text: string, read: (text: string) => unknown): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
