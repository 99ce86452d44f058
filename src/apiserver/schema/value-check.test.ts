import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import type { JsonSchema } from './json-schema.ts';
import { valueErrors } from './value-check.ts';

const integer = { type: 'integer', minimum: 1, maximum: 10, multipleOf: 2 };

/** A schema, a value as JSON, and all that is wrong with it under the path `spec`. */
const cases: readonly (readonly [string, JsonSchema, string, readonly string[]])[] = [
  ['a number within its bounds', integer, '4', []],
  [
    'a number that is too small and no multiple',
    integer,
    '-1',
    [
      'spec: Invalid value: -1:  in body should be a multiple of 2',
      'spec: Invalid value: -1:  in body should be greater than or equal to 1',
    ],
  ],
  ['1.0 is an integer', { type: 'integer' }, '1.0', []],
  [
    'a fraction is none',
    { type: 'integer' },
    '1.5',
    [
      'spec: Invalid value: "number":  in body must be of type integer: "number"',
      'spec: Invalid value: "": Checked value must be of type integer (default format) in ',
    ],
  ],
  [
    'an int32 that is too large',
    { type: 'integer', format: 'int32' },
    '2147483648',
    ['spec: Invalid value: "": Checked value must be of type integer with format int32 in '],
  ],
  [
    'a large bound is shown as Go shows it',
    { type: 'number', maximum: 1e6 },
    '1000000.5',
    ['spec: Invalid value: 1.0000005e+06:  in body should be less than or equal to 1e+06'],
  ],
  ['null where it may be', { type: 'string', nullable: true }, 'null', []],
  [
    'null where it may not',
    { type: 'string' },
    'null',
    ['spec: Invalid value: "null":  in body must be of type string: "null"'],
  ],
  ['characters and not units are counted', { type: 'string', maxLength: 2 }, '"😀😀"', []],
  [
    'a text of another form',
    { type: 'string', pattern: '^[a-z]+$' },
    '"A"',
    [`spec: Invalid value: "A":  in body should match '^[a-z]+$'`],
  ],
  ['a format that nobody knows asks for nothing', { type: 'string', format: 'odd' }, '"x"', []],
  [
    'a number or a text',
    { 'x-kubernetes-int-or-string': true },
    'true',
    ['spec: Invalid value: "boolean":  in body must be of type integer,string: "boolean"'],
  ],
  [
    'a member that is missing, one that is wrong and one too many',
    { type: 'object', required: ['a'], maxProperties: 1, properties: { b: { type: 'boolean' } } },
    '{"b":1,"c":2}',
    [
      'spec: Too many: 2: must have at most 1 item',
      'spec.b: Invalid value: "integer": b in body must be of type boolean: "integer"',
      'spec.a: Required value',
    ],
  ],
  [
    'members that are forbidden',
    { type: 'object', additionalProperties: false },
    '{"a":1}',
    ['spec: Invalid value: "a": .a in body is a forbidden property'],
  ],
  [
    'of several forms the failures of the nearest are told',
    { type: 'object', anyOf: [{ required: ['a', 'b'] }, { required: ['a'], properties: { c: { type: 'string' } } }] },
    '{"c":"x"}',
    ['spec: Invalid value: "": "" must validate at least one schema (anyOf)', 'spec.a: Required value'],
  ],
  [
    'a form that it must not have',
    { not: { required: ['a'] } },
    '{"a":1}',
    ['spec: Invalid value: "": "" must not validate the schema (not)'],
  ],
];

for (const [name, schema, value, want] of cases)
  test(`what a value does not fulfil: ${name}`, () => {
    assert.deepEqual(valueErrors(parseJson(value), schema, 'spec').map(fieldErrorText), want);
  });

test('what was wrong before and has not changed is let be', () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      size: { type: 'integer', maximum: 3 },
      list: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 3 } } },
      },
    },
  };
  const item = { k: 'x', v: 9 };
  const old = { size: 9, list: [item] };
  const errors = (value: object) => valueErrors(value, schema, '', { old, schema }).map(fieldErrorText);
  assert.deepEqual(errors({ size: 9, list: [{ k: 'y', v: 1 }, item] }), []);
  assert.deepEqual(errors({ size: 8, list: [item] }), [
    'size: Invalid value: 8: size in body should be less than or equal to 3',
  ]);
});

test('long enums and long lists are no product', () => {
  const values = Array.from({ length: 20_000 }, (_, at) => `value-${at}`);
  const schema: JsonSchema = { type: 'array', items: { type: 'string', enum: values } };
  assert.deepEqual(valueErrors(values, schema, 'spec'), []);
  const wrong = values.map((value) => `not-${value}`);
  const errors = valueErrors(wrong, schema, 'spec');
  assert.ok(errors.length > 0 && errors.length < 10, `${errors.length} errors of a megabyte in all`);
  assert.match(errors[0]!.message, /^Unsupported value: "not-value-0": supported values: "value-0", "value-1"/);
});

test('a value of which alternatives ask too much is refused', () => {
  const anyOf = Array.from({ length: 1000 }, (_, at) => ({ maximum: -1 - at }));
  const schema: JsonSchema = { type: 'array', items: { type: 'integer', anyOf } };
  assert.throws(
    () => valueErrors(Array(1000).fill(7), schema, 'spec'),
    /^StatusError: Request entity too large: limit is 500000 checks of values against schemas/,
  );
});

test('a long text with a large pattern is refused, and one with a plain pattern is not', () => {
  const errors = (pattern: string) => valueErrors('a'.repeat(200_000), { type: 'string', pattern }, '');
  assert.deepEqual(errors('^[a-z]*$'), []);
  assert.throws(() => errors('a[ab]{300}[c-z]'), /Request entity too large: limit is 33554432 letters/);
});

test('what is wrong below a long key is told without all of it', () => {
  const lists: JsonSchema = {
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'integer' } },
  };
  const errors = valueErrors({ ['k'.repeat(100_000)]: ['a', 'b', 'c'], short: ['a', 'b'] }, lists, 'spec');
  assert.deepEqual(
    errors.map(({ field }) => field.slice(0, 16)),
    [`spec.${'k'.repeat(11)}`, 'spec.short[0]', 'spec.short[1]'],
  );
  for (const { field, message } of errors) assert.ok(field.length + message.length < 6000);
});
