import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { complaintsAbout } from './complaints.ts';
import { countMembers, scanText } from './scan.ts';

test('a text without repeated members has as many as its value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.equal(scanText(text).members, countMembers(value));
      assert.deepEqual(complaintsAbout(text, undefined), []);
    }),
  );
});

test('repeated members are found at their place', () => {
  const text = '{"a": [1, {"b" : "x:\\"y", "b":{}}], "a":null, "\\u0061": 2}';
  assert.deepEqual(complaintsAbout(text, undefined), [
    'duplicate field "a[1].b"',
    'duplicate field "a"',
    'duplicate field "a"',
  ]);
  assert.equal(scanText(text).members, 5);
  assert.equal(countMembers(JSON.parse(text)), 1);
});

for (const [text, isOdd] of [
  ['{"a":123456789012345,"b":"12345678901234567890 1e9 0.5"}', false],
  ['[true,false,null,-5,0]', false],
  ['[-9007199254740993]', true],
  ['[1e3]', true],
  ['[1E3]', true],
  ['[1.0]', true],
  ['[1.5,0.25,1234567890123456,1e+21]', false],
  ['[9007199254740993]', true],
  ['{"\\"":1.50}', true],
] as const)
  test(`${text} ${isOdd ? 'has' : 'has no'} number that may be lost`, () =>
    assert.equal(scanText(text).oddNumbers.length > 0, isOdd));

test('deep nesting is refused, a thousand levels are not', () => {
  assert.equal(scanText(`${'['.repeat(1000)}${']'.repeat(1000)}`).members, 0);
  assert.equal(scanText('[[]],'.repeat(100_000)).members, 0);
  const message = "invalid character '[' exceeded max depth";
  assert.throws(() => scanText('['.repeat(1_000_000)), { name: 'DecodeError', message });
});

test('complaints about a large and deep text are few and short', () => {
  const depth = 900;
  const inner = `{${'"x":1,'.repeat(200_000)}"x":1}`;
  const complaints = complaintsAbout(`${'{"long-name":'.repeat(depth)}${inner}${'}'.repeat(depth)}`, undefined);
  assert.equal(complaints.length, 100);
  assert.ok(complaints.every((complaint) => complaint.length < 1100));
});
