import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unifiedDiff } from './unified-diff.ts';

test('equal texts have no difference', () => assert.equal(unifiedDiff('a\nb', 'a\nb'), ''));

test('changes far apart are shown apart', () => {
  const lines = Array.from({ length: 20 }, (_, i) => String(i));
  const changed = lines.with(1, 'x').toSpliced(18, 1);
  assert.equal(
    unifiedDiff(lines.join('\n'), changed.join('\n')),
    '@@ -1,5 +1,5 @@\n 0\n-1\n+x\n 2\n 3\n 4\n@@ -16,5 +16,4 @@\n 15\n 16\n 17\n-18\n 19\n',
  );
});

test('what is too long to be compared line by line is shown as replaced', () => {
  const lines = (word: string) => Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 'same' : `${word} ${i}`));
  const text = unifiedDiff(['first', ...lines('old')].join('\n'), ['first', ...lines('new')].join('\n'));
  assert.match(text, /^@@ -1,100001 \+1,100001 @@\n first\n same\n-old 1\n-same\n/);
  assert.match(text, /\n\+same\n\+new 99999\n$/);
});

test('what a difference takes away and adds makes one text of the other', () => {
  const line = fc.constantFrom('a', 'b', 'c', 'd');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(line, { maxLength: 30 }), (before, after) => {
      const result: string[] = [...before];
      let shift = 0;
      for (const hunk of unifiedDiff(before.join('\n'), after.join('\n'))
        .split(/^(?=@@ )/m)
        .filter(Boolean)) {
        const [head = '', ...body] = hunk.split('\n').slice(0, -1);
        const [, start, count = '1'] = /^@@ -(\d+)(?:,(\d+))?/.exec(head)!;
        const at = Number(start) - (count === '0' ? 0 : 1) + shift;
        const added = body.filter((one) => !one.startsWith('-')).map((one) => one.slice(1));
        result.splice(at, Number(count), ...added);
        shift += added.length - Number(count);
      }
      assert.deepEqual(result.length === 0 ? [''] : result, after.length === 0 ? [''] : after);
    }),
  );
});
