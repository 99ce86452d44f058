import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionalOf } from './declaration.ts';
import { kubernetesEnvironment } from './environment.ts';
import {
  compile,
  compiling,
  perCallLimit,
  prepare,
  preparing,
  Program,
  reads,
  runtimeBudget,
  type Compiled,
} from './program.ts';
import { declarationOf, maxRequestBytes } from './schema.ts';
import { boolType, dynType, stringType } from './type.ts';
import { CelError, Double } from './values/value.ts';

const dynamic = kubernetesEnvironment({ self: dynType, oldSelf: dynType });

function compiled(text: string, environment = dynamic): Compiled {
  const found = compile(text, environment);
  assert.equal(found.issues, undefined);
  return found as Compiled;
}

function program(text: string, environment = dynamic): Program {
  const prepared = prepare(compiled(text, environment));
  assert.ok(prepared instanceof Program);
  return prepared;
}

test('says what an expression is of, and which variables it reads', () => {
  const rule = compiled('self.x > oldSelf.x');
  assert.equal(rule.type, boolType);
  assert.deepEqual([reads(rule, 'self'), reads(rule, 'oldSelf'), reads(rule, 'other')], [true, true, false]);
});

test('a long expression is checked in steps, and hears the same of what is wrong in it as in one go', () => {
  const steps = [...compiling(`true${' && self.x != 1'.repeat(1000)}`, dynamic)];
  assert.ok(steps.length > 1000);
  const refused = compile('(1 && true) || self.x ? nothing : 1 && 2', dynamic);
  assert.deepEqual(refused.issues?.match(/ERROR: .*/g), [
    "ERROR: <input>:1:2: expected type 'bool' but found 'int'",
    "ERROR: <input>:1:25: undeclared reference to 'nothing' (in container '')",
    "ERROR: <input>:1:35: expected type 'bool' but found 'int'",
    "ERROR: <input>:1:40: expected type 'bool' but found 'int'",
  ]);
});

test('patterns are compiled one after the other, in steps', () => {
  const patterns = Array.from({ length: 300 }, (_, at) => `'a'.matches('(a{0,3}${at})')`);
  for (const text of [`[${patterns.join(', ')}].all(x, x)`, patterns.join(' || ')]) {
    const steps = [...compiling(text, dynamic)];
    assert.ok(steps.filter((cost) => cost === undefined).length >= patterns.length);
    assert.ok([...preparing(compiled(text))].length > patterns.length);
  }
});

test('a variable of a comprehension hides one of the environment', () => {
  assert.equal(program('[1, 2].all(self, self > 0)').run({}).value, true);
});

test('names of JavaScript are plain names', () => {
  const self = JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown;
  assert.equal(program('self.__proto__ + self.constructor').run({ self }).value, 3);
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    assert.equal(program(`has(self.${name}) || '${name}' in self`).run({ self: {} }).value, false);
});

test('ends an evaluation that costs too much, though an error would be absorbed', () => {
  const endless = program('self.all(x, self.all(y, self.all(z, x + y + z < 0))) || true');
  const self = Array.from({ length: 1000 }, (_, index) => -1 - index);
  const { value, isOverLimit, cost } = endless.run({ self });
  assert.ok(value instanceof CelError);
  assert.deepEqual([value.message, isOverLimit], ['operation cancelled: actual cost limit exceeded', true]);
  assert.ok(cost > perCallLimit && cost < runtimeBudget);
});

test('chains of optionals take no longer than they are', () => {
  const chain = '.optMap(x, x)'.repeat(40);
  assert.equal(program(`optional.none()${chain}.hasValue()`).run({}).value, false);
});

test('a list that a comprehension builds is another in each evaluation', () => {
  const doubled = program('self.map(x, x * 2)');
  const first = doubled.run({ self: [1] }).value;
  doubled.run({ self: [2, 3] });
  assert.deepEqual(first, [2]);
});

test('a value with a schema is read by it', () => {
  const declaration = declarationOf(
    {
      type: 'object',
      properties: {
        weight: { type: 'number' },
        at: { type: 'string', format: 'date-time' },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        'some-name': { type: 'integer' },
        none: { type: 'string', nullable: true },
      },
    },
    'self',
  )!;
  const environment = kubernetesEnvironment({ self: declaration, oldSelf: declaration });
  const self = { weight: 2, at: '2026-01-02T03:04:05Z', tags: ['a', 'b'], 'some-name': 5, none: null };
  const oldSelf = { ...self, tags: ['b', 'a'] };
  const rules = [
    'type(self.weight) == double && self.weight == 2.0',
    'self.at.getHours() == 3',
    'self.tags == oldSelf.tags && self == oldSelf',
    'self.some__dash__name == 5',
    '!has(self.none)',
    "self.tags + ['c', 'a'] == ['c', 'b', 'a']",
  ];
  for (const rule of rules) assert.equal(program(rule, environment).run({ self, oldSelf }).value, true, rule);
});

test('what may be missing is an optional', () => {
  const declaration = optionalOf(declarationOf({ type: 'object', properties: { x: { type: 'number' } } }, 'self')!);
  const rule = program('oldSelf.x.orValue(1.0) + 1.0', kubernetesEnvironment({ oldSelf: declaration }));
  const results = [undefined, {}, { x: 2 }].map((oldSelf) => rule.run({ oldSelf }).value);
  assert.deepEqual(results, [new Double(2), new Double(2), new Double(3)]);
});

test('what has no schema is bounded by the largest request', () => {
  assert.equal(declarationOf({ type: 'string' }, 'self')!.maxElements, maxRequestBytes - 2);
});

test('what replacing would make too long is not made', () => {
  const rule = program("x.replace('', x).size() > 0", kubernetesEnvironment({ x: stringType }));
  assert.equal(rule.run({ x: 'ab' }).value, true);
  const { value } = rule.run({ x: 'a'.repeat(30_000) });
  assert.ok(value instanceof CelError);
  assert.match(value.message, /too long/);
});
