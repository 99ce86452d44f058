import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import { wholeOf } from '../../../base/in-steps.ts';
import type { JsonSchema } from '../json-schema.ts';
import { definitionRules } from './definition-rules.ts';
import { ruleErrors } from './rule-check.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        min: { type: 'integer' },
        max: { type: 'integer' },
        name: {
          type: 'string',
          'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'name may not change' }],
        },
        once: {
          type: 'string',
          'x-kubernetes-validations': [
            { rule: '!oldSelf.hasValue() || self == oldSelf.value()', optionalOldSelf: true },
          ],
        },
        tags: {
          type: 'array',
          items: { type: 'string' },
          'x-kubernetes-validations': [
            {
              rule: 'self.all(t, t.startsWith("t-"))',
              messageExpression: '"of " + string(self.size()) + " one lacks t-"',
            },
          ],
        },
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: {
            type: 'object',
            properties: { k: { type: 'string' }, v: { type: 'integer' } },
            'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }],
          },
        },
      },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
          message: 'min above max',
          fieldPath: '.min',
          reason: 'FieldValueForbidden',
        },
        { rule: '!has(self.max) || 100 / self.max > 1' },
      ],
    },
  },
};

function errors(spec: object, old?: object): string[] {
  const object = (one: object) => ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, spec: one });
  const before = old === undefined ? undefined : object(old);
  return ruleErrors(object(spec), before, schema, { isResource: true }).map(fieldErrorText);
}

test('rules tell what they are about, in the words that they have or make', () => {
  assert.deepEqual(errors({ min: 5, max: 1 }), ['spec.min: Forbidden: min above max']);
  assert.deepEqual(errors({ max: 100 }), ['spec: Invalid value: failed rule: !has(self.max) || 100 / self.max > 1']);
  assert.deepEqual(errors({ max: 0 }), [
    'spec: Invalid value: "object": division by zero evaluating rule: !has(self.max) || 100 / self.max > 1',
  ]);
  assert.deepEqual(errors({ tags: ['t-a', 'b'] }), ['spec.tags: Invalid value: of 2 one lacks t-']);
});

test('rules on changes look at what stood at the same place', () => {
  assert.deepEqual(errors({ name: 'x' }), []);
  assert.deepEqual(errors({ name: 'y' }, { name: 'x' }), ['spec.name: Invalid value: "y": name may not change']);
  const list = [{ k: 'a', v: 5 }];
  assert.deepEqual(
    errors(
      {
        list: [
          { k: 'b', v: 1 },
          { k: 'a', v: 4 },
        ],
      },
      { list },
    ),
    ['spec.list[1]: Invalid value: failed rule: self.v >= oldSelf.v'],
  );
  assert.deepEqual(errors({ once: 'a' }), []);
  assert.equal(errors({ once: 'b' }, { once: 'a' }).length, 1);
});

test('what failed before and has not changed is let be', () => {
  assert.deepEqual(errors({ tags: ['b'], name: 'x' }, { tags: ['b'], name: 'x' }), []);
  assert.equal(errors({ tags: ['b', 'c'] }, { tags: ['b'] }).length, 1);
});

function complaints(own: JsonSchema, isUnchanged = false): string[] {
  const checks = definitionRules(own, isUnchanged);
  return [...wholeOf(checks.check(own, 'root', undefined)), ...checks.total('root')].map(fieldErrorText);
}

test('a definition hears of rules that are none, of another type, or too dear', () => {
  const withRule = (rule: string, more: object = {}): JsonSchema => ({
    type: 'array',
    items: { type: 'array', items: { type: 'string' } },
    'x-kubernetes-validations': [{ rule, ...more }],
  });
  assert.match(
    complaints(withRule('self.foo'))[0]!,
    /^root\.x-kubernetes-validations\[0\]\.rule: Invalid value: \{.*\}: compilation failed: ERROR: <input>:1:5/s,
  );
  assert.match(complaints(withRule('1'))[0]!, /: cel expression must evaluate to a bool$/);
  assert.match(
    complaints(withRule('true', { optionalOldSelf: true }))[0]!,
    /optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule$/,
  );
  const dear = withRule('self.all(x, self.all(y, x == y))');
  assert.match(
    complaints(dear)[0]!,
    /^root\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x \(try/,
  );
  assert.match(complaints(dear, true)[0]!, /Forbidden: contributed to estimated rule cost total exceeding cost limit/);
});
