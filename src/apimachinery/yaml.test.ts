import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseYaml, parseYamlDocuments, stringifyYaml } from './yaml.ts';

for (const [text, value] of [
  ['yes', true],
  ['off', false],
  ['y', true],
  ['0644', 420],
  ['0o644', 420],
  ['0b11', 3],
  ['0x1F', 31],
  ['1_000', 1000],
  ['08', 8],
  ['+5', 5],
  ['-0x10', -16],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1:30', '1:30'],
  ['2024-01-01', '2024-01-01'],
  ['"5"', '5'],
  ['~', null],
  ['.inf', '.inf'],
  ['!!binary aGk=', 'hi'],
  ['!odd x', 'x'],
  ['!!str 5', '5'],
] as const)
  test(`the YAML value ${text} is ${JSON.stringify(value)}`, () =>
    assert.deepEqual(parseYaml(`a: ${text}`).value, { a: value }));

test('keys become texts, merge keys are followed, the last of repeated keys counts', () => {
  assert.deepEqual(parseYaml('1: a\ntrue: b').value, { 1: 'a', true: 'b' });
  assert.deepEqual(parseYaml('x: &x {p: 1}\nz:\n  <<: *x\n  q: 2').value, { x: { p: 1 }, z: { p: 1, q: 2 } });
  assert.deepEqual(parseYaml('a: 1\nb: {c: 1, c: 2}\na: 3'), {
    value: { a: 3, b: { c: 2 } },
    repeated: ['line 2: key "c" already set in map', 'line 3: key "a" already set in map'],
  });
});

test('a text may hold several documents; empty ones do not count', () => {
  assert.deepEqual(
    parseYamlDocuments('---\na: 1\n---\n# nothing\n---\nb: 2\n').map(({ value }) => value),
    [{ a: 1 }, { b: 2 }],
  );
  assert.equal(parseYaml('').value, null);
  assert.throws(() => parseYaml('a: [1'), { name: 'DecodeError', message: /^yaml: / });
});

test('lists are not indented and keys are sorted in what is written', () => {
  assert.equal(
    stringifyYaml({
      kind: 'Pod',
      spec: { containers: [{ name: 'a', args: ['yes', '1', '*', '', '2024-01-01T00:00:00Z'] }] },
      apiVersion: 'v1',
    }),
    'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args:\n    - "yes"\n    - "1"\n    - \'*\'\n    - ""\n    - "2024-01-01T00:00:00Z"\n    name: a\n',
  );
});

test('what was written is read back', () => {
  const values = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{2,5}$/), values), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      assert.deepEqual(parseYaml(stringifyYaml(plain)).value, plain);
    }),
  );
});
