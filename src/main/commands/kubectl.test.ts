import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withContext } from './kubectl.ts';

const rows: readonly (readonly [words: string, passed: string])[] = [
  ['', ''],
  ['get pods', 'get pods --context=c'],
  ['get pods -A', 'get pods --context=c -A'],
  ['exec web -- ls -l', 'exec web --context=c -- ls -l'],
  ['--help', '--context=c --help'],
];
for (const [words, passed] of rows)
  test(`kubectl is told the context in "${words}"`, () =>
    assert.equal(withContext(words.split(' ').filter(Boolean), 'c').join(' '), passed));
