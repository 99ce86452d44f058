import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileJsonPath, jsonPathProblem } from './json-path.ts';

const object = {
  spec: {
    list: [
      { n: 'x', v: 1 },
      { n: 'y', v: 5 },
    ],
    'a.b': 'dotted',
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Odd]', status: 'False' },
    ],
  },
};

const cases: readonly (readonly [string, readonly unknown[]])[] = [
  ['.spec.list[0].n', ['x']],
  ['.spec.list[-1].n', ['y']],
  ['.spec.list[*].n', ['x', 'y']],
  ['.spec.list[0:1].n', ['x']],
  ['.spec.list[0,1].v', [1, 5]],
  ["['spec']['a.b']", ['dotted']],
  ['.spec.a\\.b', ['dotted']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Odd]')].status", ['False']],
  ['.spec.list[?(@.v>2)].n', ['y']],
  ['.spec.list[?(@.q)].n', []],
  ['..n', ['x', 'y']],
  ['.spec.nothing.deeper', []],
  ['.constructor', []],
];

for (const [path, want] of cases)
  test(`${path} leads to ${JSON.stringify(want)}`, () => assert.deepEqual([...compileJsonPath(path)!(object)], want));

test('what is no path is told', () => {
  for (const text of ['[', '.a[', '.a[?(@.b ~ 1)]', '.a b']) assert.equal(compileJsonPath(text), undefined, text);
});

test('a path is bounded in its length and its steps, with those of its filters', () => {
  assert.equal(compileJsonPath(`.a[?(@${' '.repeat(1_000_000)}b)]`), undefined);
  assert.equal(compileJsonPath(`.${'a'.repeat(1024)}`), undefined);
  for (const path of [
    '.a'.repeat(21),
    '[?(@'.repeat(21) + ')]'.repeat(21),
    `${'.a'.repeat(10)}[?(@${'.a'.repeat(10)})]`,
  ]) {
    assert.equal(compileJsonPath(path), undefined);
    assert.equal(jsonPathProblem(path), 'must have at most 20 steps');
  }
  assert.notEqual(compileJsonPath('.a'.repeat(20)), undefined);
  assert.equal(jsonPathProblem('.a'.repeat(20)), undefined);
});

test('what is found is bounded, however many ways lead to it', () => {
  let deep: object = {};
  for (let depth = 0; depth < 1000; depth++) deep = { a: deep };
  let count = 0;
  for (const _ of compileJsonPath('..*..*..*..*..*')!(deep)) count++;
  assert.ok(count > 1000 && count < 50_000, String(count));
  assert.deepEqual([...compileJsonPath('..*..*..*..*..b')!(deep)], []);
  const wide = Array(10_000).fill([1, 2]);
  assert.deepEqual([...compileJsonPath('[?(@[?(@[0])])]')!(wide)], []);
  assert.equal([...compileJsonPath('[*][0]')!(wide)].length, 10_000);
});
