import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingAdmissionPolicySpec } from '../../api/admissionregistration/v1/types.ts';
import { wholeOf } from '../../base/in-steps.ts';
import { declarationOf, type JsonSchema } from '../../cel/schema.ts';
import { typeWarnings, type CheckedKind } from './type-check.ts';

const kind = (text: string, schema: JsonSchema): CheckedKind => ({
  text,
  declaration: declarationOf(schema, text, true),
});
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties });
const box = kind('g/v1, Kind=Box', object({ size: { type: 'integer' } }));
const bag = kind('g/v1, Kind=Bag', object({ size: { type: 'string' } }));
const warnings = (spec: ValidatingAdmissionPolicySpec, ...kinds: CheckedKind[]) => wholeOf(typeWarnings(spec, kinds));
const of = (expression: string, messageExpression?: string): ValidatingAdmissionPolicySpec => ({
  validations: [{ expression, ...(messageExpression !== undefined && { messageExpression }) }],
});
const mismatch = (types: string) =>
  `ERROR: <input>:1:13: found no matching overload for '_==_' applied to '${types}'\n | object.size == 1\n | ............^`;

test('an expression is told of with each kind that it does not fit, in their order', () => {
  assert.deepEqual(warnings(of('object.size == 1'), box), []);
  assert.deepEqual(warnings(of('object.size == 1'), bag, box, bag), [
    {
      fieldRef: 'spec.validations[0].expression',
      warning: Array(2)
        .fill(`g/v1, Kind=Bag: ${mismatch('(string, int)')}\n`)
        .join('\n'),
    },
  ]);
});

test('messages are looked at too, and of kinds of which nothing is known anything may be said', () => {
  const found = warnings(of('true', "'size ' + object.size"), box);
  assert.deepEqual(
    found.map(({ fieldRef }) => fieldRef),
    ['spec.validations[0].messageExpression'],
  );
  assert.deepEqual(warnings(of('object.size.of.what == 1'), { text: 'g/v1, Kind=Any', declaration: undefined }), []);
});

test('variables have the types of their expressions, and any where those do not fit', () => {
  const variables = [
    { name: 'size', expression: 'object.size' },
    { name: 'wrong', expression: 'object.nothing' },
  ];
  const spec = { ...of("variables.size == 'x' || variables.wrong == 'x'"), variables };
  assert.equal(warnings(spec, bag).length, 0);
  assert.match(warnings(spec, box)[0]!.warning, /applied to '\(int, string\)'/);
});

test('kinds behind what can be read in reasonable time are not looked at', () => {
  let made = 0;
  const many = (function* () {
    for (; made < 1000; made++) yield bag;
  })();
  const long = `object.size == 1 || '${'x'.repeat(8000)}' == ''`;
  const [warning] = wholeOf(typeWarnings(of(long), many));
  assert.ok(warning !== undefined && made > 100 && made < 600, String(made));
});
