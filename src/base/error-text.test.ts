import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorText } from './error-text.ts';

test('an error says its message, and anything else its text', () => {
  assert.equal(errorText(new TypeError('no')), 'no');
  assert.equal(errorText('no'), 'no');
  assert.equal(errorText(undefined), 'undefined');
});
