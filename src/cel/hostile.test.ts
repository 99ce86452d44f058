import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateCost } from './cost/estimate.ts';
import { kubernetesEnvironment } from './environment.ts';
import { compile, prepare, Program, type Compiled } from './program.ts';
import { declarationOf } from './schema.ts';
import { dynType } from './type.ts';

/** Expressions that would take for ever where work is not bounded; what counts is that they end, and how. */
const environment = kubernetesEnvironment({ self: dynType });

function outcome(text: string, self: unknown = null): string {
  const compiled = compile(text, environment);
  if (compiled.issues !== undefined) return compiled.issues.split('\n')[0]!.replace(/^ERROR: <input>:[-\d:]+ /, '');
  estimateCost(compiled);
  const program = prepare(compiled);
  if (!(program instanceof Program)) return program.problem;
  const { isOverLimit } = program.run({ self });
  return isOverLimit ? 'over the limit' : 'ends';
}

const numbers = Array.from({ length: 1000 }, (_, at) => at + 10);
const large = {
  l: numbers,
  m: [numbers.map((n) => [n])],
  n: [numbers.map((n) => [n])],
  o: {},
  s: 'a'.repeat(1_000_000),
  t: 'a'.repeat(1_000_001),
  d: 1.5e300,
  q: `https://example.com/?${'a=b&'.repeat(2000)}`,
  v: '1.2.3-a.b',
  p: '(?:[a-z]{10}|b){90}',
  u: `${'a'.repeat(999_999)}b`,
  before: `b${'a'.repeat(500_000)}`,
  behind: `${'a'.repeat(500_000)}b`,
  w: `1.0.0-${'1'.repeat(1_000_000)}`,
};

const tooDeep = 'expression recursion limit exceeded: 250';

const rows = [
  { name: 'deep brackets', text: `${'('.repeat(10_000)}1`, want: tooDeep },
  { name: 'deep lists', text: '['.repeat(49_000) + ']'.repeat(49_000), want: tooDeep },
  { name: 'a long path', text: `self${'.a'.repeat(20_000)}`, want: tooDeep },
  { name: 'a long sum', text: `1${'+1'.repeat(40_000)}`, want: tooDeep },
  { name: 'a long alternative', text: `true${'||true'.repeat(10_000)}`, want: 'ends' },
  { name: 'many equalities', text: `[1]==[1]${'&&[1]==[1]'.repeat(5_000)}`, want: 'ends' },
  {
    name: 'targets that are read twice each',
    text: `optional.of(1)${'.optMap(x, x)'.repeat(60)}`,
    want: 'over the limit',
  },
  {
    name: 'types that double',
    text: `optional.of(1)${'.optMap(x, {"a": [x]}).optMap(x, {x.a: x})'.repeat(30)}`,
    want: 'type with more than 10000 parts',
  },
  { name: 'a pattern that backtracks', text: "self.matches('(a+)+$')", self: `${'a'.repeat(5_000)}b`, want: 'ends' },
  { name: 'a pattern too large', text: "'a'.matches(self)", self: 'a{1000}'.repeat(1000), want: 'ends' },
  {
    name: 'a literal pattern too large',
    text: `'a'.matches('${'a{1000}'.repeat(200)}')`,
    want: 'invalid matches argument',
  },
  {
    name: 'many digits that are no number',
    text: 'double(self) > 1.0',
    self: `${'1'.repeat(1_000_000)}x`,
    want: 'ends',
  },
  { name: 'a list of any length', text: 'lists.range(1000000000000).size() > 0', want: 'ends' },
  {
    name: 'a text too long',
    text: `'${'a'.repeat(100_000)}'`,
    want: 'expression code point size exceeds limit: size: 100002, limit 100000',
  },
  ...[
    { name: 'comparing texts', text: 'self.l.all(x, self.s < self.t)' },
    { name: 'sizes of texts', text: 'self.l.all(x, self.s.size() > 0)' },
    { name: 'a text of texts', text: "self.l.map(x, self.s).join('') != ''" },
    { name: 'formatting texts', text: "self.l.all(x, '%s'.format([self.s]) != '')" },
    { name: 'formatting lists', text: "self.l.all(x, '%s'.format([self.l]) != '')" },
    { name: 'formatting numbers', text: "self.l.all(x, self.l.all(y, '%f'.format([self.d]) != ''))" },
    { name: 'replacing letters', text: "self.l.all(x, self.s.replace('a', 'bb') != '')" },
    { name: 'looking for what is not there', text: 'self.l.all(x, self.l.all(y, !(5 in self.l)))' },
    { name: 'sorting', text: 'self.l.all(x, self.l.all(y, self.l.sort().size() > 0))' },
    { name: 'comparing lists of lists', text: 'self.l.all(x, self.l.all(y, self.m == self.n))' },
    { name: 'sets of each with each', text: 'sets.equivalent(self.l, self.l)' },
    { name: 'keys that are not there', text: 'self.l.all(x, self.o[self.s] == 1 || true)' },
    { name: 'reading a query', text: 'self.l.all(x, url(self.q).getQuery().size() > 0)' },
    {
      name: 'asking for zones',
      text: 'self.l.all(x, self.l.all(y, timestamp(0).getHours("Europe/Zurich") >= 0))',
    },
    { name: 'reading versions', text: 'self.l.all(x, self.l.all(y, isSemver(self.v)))' },
    { name: 'looking for a long text', text: 'self.s.indexOf(self.before) < 0' },
    { name: 'looking for a long text from behind', text: 'self.s.lastIndexOf(self.behind) < 0' },
    { name: 'splitting at a long text', text: 'self.s.split(self.before).size() == 1' },
    { name: 'replacing a long text', text: "self.s.replace(self.before, '') == self.s" },
    { name: 'looking for a long text in a list', text: 'self.l.all(x, !(self.u in self.l.map(y, self.s)))' },
    { name: 'sorting bytes', text: '[bytes(self.s)].all(b, self.l.slice(0, 600).map(x, b).sort().size() > 0)' },
    { name: 'comparing versions', text: '[semver(self.w)].all(v, self.l.all(x, !v.isLessThan(v)))' },
    { name: 'rounds that cost nothing', text: 'self.l.all(x, !self.l.exists_one(y, self.l.exists_one(z, false)))' },
    {
      name: 'amounts far apart',
      text: "[[quantity('1e9999'), quantity('1')]].all(q, self.l.all(x, self.l.all(y, q[0].isGreaterThan(q[1]))))",
    },
    { name: 'patterns that repeat', text: "!self.s.matches('[ab]*a[ab]{900}[c-z]')" },
    { name: 'patterns that are new', text: "self.l.all(x, !'x'.matches(self.p + string(x)))" },
  ].map((row) => ({ ...row, self: large, want: 'over the limit' })),
  {
    name: 'loops in loops',
    text: 'self.all(a, self.all(b, self.all(c, self.all(d, a + b + c + d >= 0))))',
    self: Array(200).fill(1),
    want: 'over the limit',
  },
];

for (const { name, text, self, want } of rows)
  test(`${name}: ${want}`, () => {
    assert.equal(outcome(text, self), want);
  });

test('bytes in a text that is read anew for each look at it: over the limit', () => {
  const properties = { l: { type: 'array', items: { type: 'integer' } }, b: { type: 'string', format: 'byte' } };
  const self = declarationOf({ type: 'object', properties }, 'self')!;
  const program = prepare(compile("self.l.all(x, self.b != b'')", kubernetesEnvironment({ self })) as Compiled);
  assert.ok(program instanceof Program);
  const { isOverLimit } = program.run({ self: { l: numbers, b: 'QUJD'.repeat(250_000) } });
  assert.ok(isOverLimit);
});
