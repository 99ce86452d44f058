import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  labelMapMatcher,
  labelSelectorMatcher,
  labelSelectorText,
  matcherText,
  parseLabelSelector,
} from './label-selector.ts';
import { SelectorError } from './requirement.ts';

const web = { app: 'web', tier: 'front', n: '5' };

for (const [text, matches] of [
  ['', true],
  ['app', true],
  ['app=web', true],
  ['app==web', true],
  ['app = web , tier=front', true],
  ['app!=web', false],
  ['none!=web', true],
  ['!none', true],
  ['! app', false],
  ['app in (web,db)', true],
  ['app in (db)', false],
  ['app notin (db)', true],
  ['none notin (db)', true],
  ['app notin (web, db)', false],
  ['n>4', true],
  ['n>5', false],
  ['n<6,n>4', true],
  ['app>1', false],
  ['none=', false],
  ['app=', false],
  ['none in ()', false],
  ['in in (in)', false],
  ['constructor', false],
  ['!constructor', true],
] as const)
  test(`the selector ${JSON.stringify(text)} ${matches ? 'matches' : 'does not match'} app=web, tier=front, n=5`, () =>
    assert.equal(parseLabelSelector(text).matches(web), matches));

const nameRule =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

for (const [text, message] of [
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  [
    'n>x',
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['a,', "found '', expected: identifier after ','"],
  ['a,,b', "found ',', expected: identifier after ','"],
  ['=a', "found '=', expected: !, identifier, or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['a=(b', "unable to parse requirement: found '(', expected: identifier"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
  ['a in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['a_', `unable to parse requirement: <nil>: Invalid value: "a_": name part ${nameRule}`],
  [
    'a=-',
    `unable to parse requirement: values[0][a]: Invalid value: "-": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  ],
] as const)
  test(`the selector ${JSON.stringify(text)} is refused`, () =>
    assert.throws(() => parseLabelSelector(text), new SelectorError(message)));

test('the text form has the requirements in the order of their keys, and parses again', () => {
  const text = 'z in (b,a),!y,x notin (c),w>1,v<2,u!=1,t,s=1,r==2';
  const form = matcherText(parseLabelSelector(text));
  assert.equal(form, 'r==2,s=1,t,u!=1,v<2,w>1,x notin (c),!y,z in (a,b)');
  assert.equal(matcherText(parseLabelSelector(form)), form);
});

test('a selector of a spec takes labels and expressions; none at all selects nothing, an empty one everything', () => {
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['front', 'back'] },
      { key: 'none', operator: 'DoesNotExist' },
    ],
  };
  assert.equal(labelSelectorMatcher(selector)(web), true);
  assert.equal(labelSelectorMatcher(selector)({ ...web, none: '' }), false);
  assert.equal(labelSelectorText(selector), 'app=web,!none,tier in (back,front)');
  assert.equal(labelSelectorMatcher(undefined)(web), false);
  assert.equal(labelSelectorMatcher({})(undefined), true);
  assert.throws(() => labelSelectorMatcher({ matchExpressions: [{ key: 'a', operator: 'Like' }] }), {
    message: '"Like" is not a valid label selector operator',
  });
});

test('a map of labels selects what has all of them', () => {
  assert.equal(labelMapMatcher({ app: 'web' })(web), true);
  assert.equal(labelMapMatcher({ app: 'web', x: 'y' })(web), false);
  assert.equal(labelMapMatcher({})(undefined), true);
});

test('parsing ends with a matcher or a SelectorError, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    'b',
    'in',
    'notin',
    '(',
    ')',
    ',',
    '=',
    '!',
    '>',
    '<',
    ' ',
    '1',
    '-',
    '\u0000',
    'é',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      try {
        const matcher = parseLabelSelector(parts.join(''));
        assert.equal(matcherText(parseLabelSelector(matcherText(matcher))), matcherText(matcher));
      } catch (error) {
        assert.ok(error instanceof SelectorError);
      }
    }),
  );
});

test('a selector of thousands of values is read, and one of tens of thousands is refused', () => {
  const of = (count: number) => `app in (${Array.from({ length: count }, (_, at) => `v${at}`).join(',')})`;
  assert.ok(parseLabelSelector(of(9000)).matches({ app: 'v8999' }));
  assert.throws(() => parseLabelSelector(of(30_000)), {
    message: 'unable to parse requirement: more than 20000 words and symbols',
  });
});
