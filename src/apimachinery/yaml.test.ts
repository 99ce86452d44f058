import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineCounter } from './yaml/line-counter.ts';
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

for (const { name, text, value } of [
  { name: 'what follows the first document is not read', text: 'a: 1\n---\n[[[ no yaml', value: { a: 1 } },
  { name: 'a marker may begin the first document', text: '# first\n\n---\na: 1\n---\nb: 2', value: { a: 1 } },
  { name: 'a document may end without another', text: 'a: 1\n...\n: : :', value: { a: 1 } },
  { name: 'an empty document is the first all the same', text: '---\n---\na: 1', value: null },
  { name: 'content may stand behind the marker', text: '--- {a: 1}\n---\nb: 2', value: { a: 1 } },
  {
    name: 'dashes within a line are no marker',
    text: 'a: |\n  ---\n  x\nb: "a\\n--- b"',
    value: { a: '---\nx\n', b: 'a\n--- b' },
  },
  { name: 'dashes that a word follows are no marker', text: 'a: 1\n---b: 2', value: { a: 1, '---b': 2 } },
])
  test(name, () => assert.deepEqual(parseYaml(text).value, value));

test('an alias stands for a copy', () => {
  const { value } = parseYaml('a: &x {p: [1]}\nb: *x') as { value: { a: object; b: object } };
  assert.deepEqual(value, { a: { p: [1] }, b: { p: [1] } });
  assert.notEqual(value.a, value.b);
});

const nine = Array.from({ length: 9 }, (_, level) =>
  level === 0 ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]' : `a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
).join('\n');
for (const { name, text, message } of [
  { name: 'aliases that multiply', text: nine, message: 'yaml: document contains excessive aliasing' },
  {
    name: 'aliases of a long text',
    text: `a: &a ${'x'.repeat(100_000)}\nb: [${'*a,'.repeat(40)}]`,
    message: 'yaml: document contains excessive aliasing',
  },
  { name: 'an alias within what it names', text: 'a: &a [*a]', message: "yaml: anchor 'a' value contains itself" },
  { name: 'an alias of nothing', text: 'a: *b', message: "yaml: unknown anchor 'b' referenced" },
  {
    name: 'a tag prefix that each tag repeats',
    text: `%TAG !p! ${'x'.repeat(2000)}\n---\na: !p!b c`,
    message: 'yaml: found a %TAG directive with too long a prefix',
  },
  { name: 'deep nesting', text: '['.repeat(1_000_000), message: 'yaml: line 1: nesting exceeded maxDepth (1000)' },
])
  test(`${name}: refused, and not quoted at length`, () =>
    assert.throws(() => parseYaml(text), { name: 'DecodeError', message }));

for (const [text, message] of [
  ['a: b: c', 'mapping values are not allowed in this context'],
  ['a: b\n a: c\n', 'line 2: mapping values are not allowed in this context'],
  ['a:\n- b\n c: d', 'line 3: mapping values are not allowed in this context'],
  ['a: "x', 'found unexpected end of stream'],
  ['a: |\n x\n\ty', 'line 3: found a tab character where an indentation space is expected'],
  ['"\\q"', 'found unknown escape character'],
  ['a: [1', 'line 1: unexpected end of the stream within a flow collection'],
] as const)
  test(`what is wrong with ${JSON.stringify(text)} is said in the words of Kubernetes, where they are known`, () =>
    assert.throws(() => parseYaml(text), { name: 'DecodeError', message: `yaml: ${message}` }));

test('few aliases of much, and many of little, are fine', () => {
  const list = `a: &a [${'x,'.repeat(500)}]\nb: [${'*a,'.repeat(20)}]`;
  assert.equal((parseYaml(list).value as { b: unknown[][] }).b.flat().length, 10_000);
  const texts = `c: [${'x,'.repeat(5000)}]\na: &a x\nb: [${'*a,'.repeat(5000)}]`;
  assert.equal((parseYaml(texts).value as { b: unknown[] }).b.length, 5000);
});

test('a refusal quotes no line', () => {
  const text = `a: "${'x'.repeat(1_000_000)}" b`;
  assert.throws(
    () => parseYaml(text),
    ({ message }: Error) => message.length < 200 && message.startsWith('yaml: '),
  );
});

test('many keys, each twice, are told of by their lines and up to a hundred', () => {
  const keys = Array.from({ length: 25_000 }, (_, at) => `k${at}: v`).join('\n');
  const { repeated } = parseYaml(`${keys}\n${keys}`);
  assert.equal(repeated.length, 100);
  assert.equal(repeated[99], 'line 25100: key "k99" already set in map');
});

test('the line of a position is found in one walk over the text', () => {
  let looked = 0;
  const lines = 'x\n'.repeat(2000);
  const counter = new LineCounter({
    indexOf(text: string, from: number) {
      looked++;
      return lines.indexOf(text, from);
    },
  });
  for (let at = 0; at < lines.length; at++) assert.equal(counter.lineOf(at), Math.floor(at / 2) + 1);
  assert.ok(looked <= 2 * lines.length, `${looked} looks`);
});
