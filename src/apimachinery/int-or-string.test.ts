import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPercent, scaleComplaint, scaledValue } from './int-or-string.ts';

for (const [value, round, expected] of [
  [3, 'up', 3],
  ['25%', 'up', 3],
  ['25%', 'down', 2],
  ['0%', 'up', 0],
  ['100%', 'down', 10],
  ['150%', 'down', 15],
  ['http', 'up', undefined],
  ['3', 'up', undefined],
] as const)
  test(`${value} of 10 rounded ${round} is ${expected}`, () => assert.equal(scaledValue(value, 10, round), expected));

test('only digits before a percent sign are a percentage', () => {
  assert.equal(isPercent('25%'), true);
  assert.equal(isPercent('-25%'), false);
  assert.equal(isPercent(25), false);
  assert.equal(scaleComplaint('3'), 'invalid value for IntOrString: invalid type: string is not a percentage');
  assert.equal(
    scaleComplaint('x%'),
    'invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax',
  );
});
