import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refused } from './status.ts';
import {
  duplicate,
  fieldErrorText,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './validation.ts';

for (const [error, text] of [
  [required('a'), 'a: Required value'],
  [required('a', 'must name a node'), 'a: Required value: must name a node'],
  [invalid('a', 'x"\u0001é', 'bad'), 'a: Invalid value: "x\\"\\x01é": bad'],
  [invalid('a', 5, 'bad'), 'a: Invalid value: 5: bad'],
  [invalid('a', 1e21, 'bad'), 'a: Invalid value: 1000000000000000000000: bad'],
  [invalid('a', 0.00001, 'bad'), 'a: Invalid value: 1e-05: bad'],
  [invalid('a', true, ''), 'a: Invalid value: true'],
  [invalid('a', undefined, 'bad'), 'a: Invalid value: null: bad'],
  [invalid('a', { b: '<&>' }, 'bad'), 'a: Invalid value: {"b":"\\u003c\\u0026\\u003e"}: bad'],
  [notSupported('a', 'x', ['A', 'B']), 'a: Unsupported value: "x": supported values: "A", "B"'],
  [notSupported('a', ['x'], ['A']), 'a: Unsupported value: ["x"]: supported values: "A"'],
  [forbidden('a', 'field is immutable'), 'a: Forbidden: field is immutable'],
  [duplicate('a[1]', 'x'), 'a[1]: Duplicate value: "x"'],
  [notFound('a', 'x'), 'a: Not found: "x"'],
  [tooLong('a', 1), 'a: Too long: may not be more than 1 byte'],
  [tooMany('a', 3, 1), 'a: Too many: 3: must have at most 1 item'],
  [typeInvalid('a', 1, 'must be text'), 'a: Invalid value: 1: must be text'],
] as const)
  test(text, () => assert.equal(fieldErrorText(error), text));

test('an Invalid status names every error once in its message, and all as causes', () => {
  const errors = [required('a'), required('b'), required('a')];
  const { status } = refused.invalid({ group: 'apps', kind: 'Deployment' }, 'web', errors);
  assert.equal(status.code, 422);
  assert.equal(status.message, 'Deployment.apps "web" is invalid: [a: Required value, b: Required value]');
  assert.deepEqual(Object.keys(status.details!), ['name', 'group', 'kind', 'causes']);
  assert.deepEqual(
    status.details!.causes!.map(({ field }) => field),
    ['a', 'b', 'a'],
  );
});

test('a refusal of one object names it, its resource and group', () => {
  const { status } = refused.notFound({ group: 'apps', resource: 'deployments' }, 'x');
  assert.equal(status.message, 'deployments.apps "x" not found');
  assert.deepEqual(status.details, { name: 'x', group: 'apps', kind: 'deployments' });
  const { status: core } = refused.forbidden({ group: '', resource: 'pods' }, '', 'no');
  assert.equal(core.message, 'pods is forbidden: no');
});
