import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyVariables } from './policy-variables.ts';

test('each variable sees those before it, and what they are is not copied for each expression', () => {
  const variables = new PolicyVariables(false, false);
  const fields = () => variables.environment().variables.get('variables')?.fields;
  assert.match(variables.add({ name: 'b', expression: 'variables.a' })!, /undefined field 'a'/);
  assert.equal(variables.add({ name: 'a', expression: '1' }), undefined);
  const before = fields();
  assert.match(variables.add({ name: 'c', expression: "variables.a + 'x'" })!, /applied to '\(int, string\)'/);
  assert.equal(variables.add({ name: 'd', expression: 'variables.a + 1' }), undefined);
  assert.deepEqual([...fields()!.keys()], ['b', 'a', 'c', 'd']);
  assert.equal(fields(), before);
});
