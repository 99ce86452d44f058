import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileJsonPath } from './json-path.ts';

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
  test(`${path} leads to ${JSON.stringify(want)}`, () => assert.deepEqual(compileJsonPath(path)!(object), want));

test('what is no path is told', () => {
  for (const text of ['[', '.a[', '.a[?(@.b ~ 1)]', '.a b']) assert.equal(compileJsonPath(text), undefined, text);
});
