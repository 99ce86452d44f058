import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import { errorsOfSelectors, fieldSelectorOf, labelSelectorOf, type AskedSelector } from './selectors.ts';

type Selector = NonNullable<Parameters<typeof fieldSelectorOf>[0]>;
const one = (key: string, operator: string, ...values: string[]) => ({ requirements: [{ key, operator, values }] });

const refusals: readonly (readonly [what: string, selector: Selector, ...errors: string[]])[] = [
  ['a text', { rawSelector: 'a=b' }],
  ['a requirement', one('a', 'In', 'b')],
  ['an operator of the future', one('a', 'Near', 'b')],
  ['nothing', {}, 'S.requirements: Required value: when S is specified, requirements or rawSelector is required'],
  [
    'both',
    { rawSelector: 'a=b', ...one('a', 'Exists') },
    'S.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements',
  ],
  [
    'no values',
    one('a', 'NotIn'),
    "S.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
  ],
  [
    'too many values',
    one('a', 'Exists', 'b'),
    "S.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
  ],
];
for (const [what, selector, ...errors] of refusals)
  for (const name of ['fieldSelector', 'labelSelector'] as const)
    test(`a ${name} of a review with ${what}`, () => {
      const found = errorsOfSelectors({ [name]: selector }).map(fieldErrorText);
      assert.deepEqual(
        found.map((text) => text.replaceAll(`spec.resourceAttributes.${name}`, 'S')),
        errors,
      );
    });

const ignored = (name: string, how = 'ignored') => `spec.resourceAttributes.${name} ${how} due to parse error`;
const rows: readonly (readonly [what: string, asked: AskedSelector, want: AskedSelector])[] = [
  ['a text', fieldSelectorOf({ rawSelector: 'a=b' }), { text: 'a=b' }],
  ['a text that is none', fieldSelectorOf({ rawSelector: '&&' }), { text: '', problem: ignored('fieldSelector') }],
  ['a value with a comma', fieldSelectorOf(one('a', 'In', 'b,c')), { text: 'a=b\\,c' }],
  ['a field that is not so', fieldSelectorOf(one('a', 'NotIn', 'b')), { text: 'a!=b' }],
  ['two values', fieldSelectorOf(one('a', 'In', 'b', 'c')), { text: '', problem: ignored('fieldSelector') }],
  [
    'a part that is known',
    labelSelectorOf({ requirements: [...one('a', 'In', 'b').requirements, ...one('c', 'Near', 'd').requirements] }),
    { text: 'a in (b)', problem: ignored('labelSelector', 'partially ignored') },
  ],
  ['a label that is not there', labelSelectorOf(one('a', 'DoesNotExist')), { text: '!a' }],
];
for (const [what, asked, want] of rows) test(`a selector is asked about: ${what}`, () => assert.deepEqual(asked, want));
