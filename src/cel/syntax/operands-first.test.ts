import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operandsFirst } from './operands-first.ts';
import { parse } from './parser.ts';
import type { Expression } from './expression.ts';

test('operands come from left to right and before their operators, and what is known does not come again', () => {
  const seen = new Set<Expression>();
  const look = () => [
    ...operandsFirst(
      parse('(a || f(b && c)) && (d ? e : x + y)', []),
      (part) => seen.has(part),
      (part) => seen.add(part),
    ),
  ];
  assert.equal(look().length, 8);
  const names = [...seen].map((part) =>
    part.kind === 'identifier' ? part.name : (part as { function: string }).function,
  );
  assert.deepEqual(names, ['a', 'f', '_||_', 'd', 'e', '_+_', '_?_:_', '_&&_']);
  const twice = [...seen].at(-1)!;
  assert.deepEqual(
    [
      ...operandsFirst(
        twice,
        (part) => seen.has(part),
        () => assert.fail(),
      ),
    ],
    [],
  );
});

test('so do the elements of a list, before what goes through it', () => {
  const seen = new Set<Expression>();
  const steps = operandsFirst(
    parse('[a, [b]].all(x, x)', []),
    (part) => seen.has(part),
    (part) => seen.add(part),
  );
  assert.equal([...steps].length, 5);
  assert.deepEqual(
    [...seen].map(({ kind }) => kind),
    ['identifier', 'identifier', 'list', 'list', 'comprehension'],
  );
});
