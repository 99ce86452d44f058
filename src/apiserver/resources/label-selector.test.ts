import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotedSelector } from './label-selector.ts';

test('a selector is quoted with its labels in order', () => {
  const quoted = quotedSelector({ matchLabels: { b: '1', a: '2' }, matchExpressions: [] });
  assert.equal(JSON.stringify(quoted), '{"matchLabels":{"a":"2","b":"1"}}');
});
