import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commented, quoted, withoutVariables } from './quoting.ts';

test('a quoted text is one argument, whatever it holds', () => {
  assert.equal(quoted('/plain'), '"/plain"');
  assert.equal(quoted('/a"; } evil {'), '"/a\\"; } evil {"');
  assert.equal(quoted('/a\\'), '"/a\\\\"');
  assert.equal(quoted('/\\d+"$'), '"/\\\\d+\\"$"');
});

test('a text with control characters is not written at all', () => {
  for (const text of ['/a\nevil;', '/a\0', '/a\r', '/a\x7f']) assert.throws(() => quoted(text), /control characters/);
  assert.equal(commented('Ingress a/b\n} evil {'), '# Ingress a/b?} evil {');
});

test('where variables are replaced, a text that would name one is not written', () => {
  assert.throws(() => withoutVariables('/$http_cookie'), /would name a variable/);
  assert.equal(withoutVariables('a/b:80'), '"a/b:80"');
});
