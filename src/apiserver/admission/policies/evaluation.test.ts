import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyVariables } from '../../resources/admissionregistration/policy-variables.ts';
import { compiledExpression } from '../../resources/admissionregistration/expressions.ts';
import { runtimeBudget } from '../../../cel/program.ts';
import { wholeOf } from '../../../base/in-steps.ts';
import { Evaluation, OutOfBudget } from './evaluation.ts';

function evaluated(text: string, variables: Readonly<Record<string, string>> = {}, budget = runtimeBudget) {
  const all = new PolicyVariables(false, true);
  for (const [name, expression] of Object.entries(variables)) all.add({ name, expression });
  const evaluation = new Evaluation({ object: { a: 'x' } }, all.compiled, budget);
  const result = wholeOf(evaluation.result({ text, compiled: compiledExpression(text, all.environment()) }));
  return { result, spent: budget - evaluation.budget };
}

test('a variable that is wrong is no matter where nobody looks at it', () => {
  assert.deepEqual(evaluated('true', { b: 'object.b' }).result, { value: true });
});

test('who looks at it is told which one it was, and through which', () => {
  assert.deepEqual(evaluated('variables.c == "x"', { b: 'object.b', c: 'variables.b + "!"' }).result, {
    problem: `expression 'variables.c == "x"' resulted in error: composited variable "c" fails to evaluate: composited variable "b" fails to evaluate: no such key: b`,
  });
});

test('a variable costs once, however often it is looked at', () => {
  const long = '[1, 2, 3, 4, 5, 6, 7, 8].all(i, i > 0)';
  const once = evaluated('variables.a', { a: long }).spent;
  const thrice = evaluated('variables.a && variables.a && variables.a', { a: long }).spent;
  assert.ok(once > evaluated(long).spent);
  assert.ok(thrice < 2 * once);
});

test('what is spent is spent', () => {
  assert.throws(() => evaluated('[1, 2, 3, 4, 5].all(i, i > 0)', {}, 10), OutOfBudget);
  assert.throws(() => evaluated('variables.a', { a: '[1, 2, 3, 4, 5].all(i, i > 0)' }, 10), OutOfBudget);
});
