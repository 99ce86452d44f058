import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogTail } from './log-tail.ts';

const tailOf = (pieces: readonly string[], most?: number): LogTail => {
  const tail = new LogTail(most);
  for (const piece of pieces) tail.push(piece);
  return tail;
};

for (const [what, pieces, want] of [
  ['nothing', [], ''],
  ['lines in pieces that are cut anywhere', ['on', 'e\ntw', 'o\n'], 'one\ntwo\n'],
  ['a line that has not ended', ['one\ntwo'], 'one\ntwo'],
  ['several lines at once', ['one\n\nthree\n'], 'one\n\nthree\n'],
  ['colours', ['\u001B[1;31mred\u001B[0m\n'], 'red\n'],
  ['a colour in two pieces', ['\u001B[1;', '31mred\n'], 'red\n'],
  ['line ends of other systems', ['one\r\ntwo\r\n'], 'one\ntwo\n'],
] as const)
  test(`a log of ${what} is shown as text`, () => assert.equal(tailOf(pieces).text(), want));

test('only the last lines are kept, and those before are counted', () => {
  const tail = tailOf(
    Array.from({ length: 100 }, (_, at) => `${at}\n`),
    3,
  );
  assert.equal(tail.text(), '97\n98\n99\n');
  assert.equal(tail.dropped, 97);
});

test('a line without an end does not grow for ever', () => {
  const tail = tailOf(Array.from({ length: 1000 }, () => 'x'.repeat(100)));
  assert.ok(tail.text().length < 5000, `${tail.text().length} characters`);
});
