import type { ResourceAttributes, SubjectAccessReviewSpec } from '../../../api/authorization/v1/types.ts';
import { parseFieldSelector } from '../../../apimachinery/selectors/field-selector.ts';
import { parseLabelSelector } from '../../../apimachinery/selectors/label-selector.ts';
import { SelectorError, type Operator } from '../../../apimachinery/selectors/requirement.ts';
import type { Attributes } from '../auth.ts';

/** What is asked of another authorizer (authorization.k8s.io/v1). */
export function reviewSpec(attributes: Attributes): SubjectAccessReviewSpec {
  const { name: user, groups, uid, extra } = attributes.user;
  return {
    ...whatIsAsked(attributes),
    user,
    groups: [...groups],
    ...(uid !== undefined && { uid }),
    ...(extra !== undefined && {
      extra: Object.fromEntries(Object.entries(extra).map(([key, all]) => [key, [...all]])),
    }),
  };
}

function whatIsAsked(attributes: Attributes): SubjectAccessReviewSpec {
  const { verb, path, namespace, group, version, resource, subresource, name } = attributes;
  if (path !== undefined) return { nonResourceAttributes: { path, verb } };
  const given = { namespace, verb, group, version, resource, subresource, name };
  return {
    resourceAttributes: {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
      ...selectors(attributes),
    },
  };
}

/** By the operators of the text; those that reviews do not know are left out. */
const labelOperators: Readonly<Record<Operator, string | undefined>> = {
  in: 'In',
  '=': 'In',
  '==': 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
  gt: undefined,
  lt: undefined,
};

/** A selector that cannot be read is left out: what is asked is then more, never less. */
function selectors({ fieldSelector = '', labelSelector = '' }: Attributes): ResourceAttributes {
  const fields = readable(() => parseFieldSelector(fieldSelector).requirements);
  const labels = readable(() => parseLabelSelector(labelSelector).requirements).flatMap((one) => {
    const operator = labelOperators[one.operator];
    return operator === undefined ? [] : [{ ...one, operator }];
  });
  return {
    ...(fields.length > 0 && {
      fieldSelector: {
        requirements: fields.map(({ field: key, operator, value }) => {
          return { key, operator: operator === '=' ? 'In' : 'NotIn', values: [value] };
        }),
      },
    }),
    ...(labels.length > 0 && {
      labelSelector: {
        requirements: labels.map(({ key, operator, values }) => {
          return { key, operator, ...(values.length > 0 && { values: [...values] }) };
        }),
      },
    }),
  };
}

function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

/** The same with nothing left out, as conditions see it. */
export function reviewForConditions({ resourceAttributes, nonResourceAttributes, ...who }: SubjectAccessReviewSpec) {
  const empty = { namespace: '', verb: '', group: '', version: '', resource: '', subresource: '', name: '' };
  return {
    user: '',
    groups: [],
    uid: '',
    extra: {},
    ...who,
    ...(resourceAttributes !== undefined && { resourceAttributes: { ...empty, ...resourceAttributes } }),
    ...(nonResourceAttributes !== undefined && {
      nonResourceAttributes: { path: '', verb: '', ...nonResourceAttributes },
    }),
  };
}

/** How many letters of a question its sender chooses freely. */
export function freeLetters({
  namespace = '',
  verb,
  group = '',
  version = '',
  resource = '',
  subresource = '',
  name = '',
  path = '',
  fieldSelector = '',
  labelSelector = '',
}: Attributes): number {
  return [namespace, verb, group, version, resource, subresource, name, path, fieldSelector, labelSelector].join('')
    .length;
}
