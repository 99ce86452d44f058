import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPathWarnings } from './path-warnings.ts';

function warningsOf(...paths: readonly string[]): string[] {
  const texts: string[] = [];
  addPathWarnings(texts, { name: 'v', configMap: { name: 'c', items: paths.map((path) => ({ key: 'k', path })) } });
  return texts;
}

test('slashes at the end of a path are none of it', () => {
  assert.deepEqual(warningsOf('a//', 'a/b'), ['volume "v" (ConfigMap "c"): overlapping paths: "a/b" with "a"']);
});

test('a row of a million slashes is gone through once', () => {
  assert.deepEqual(warningsOf(`a${'/'.repeat(1_000_000)}b`, 'c'), []);
});

test('of a long path the beginning is shown', () => {
  const path = 'a'.repeat(1_000_000);
  const shown = `"${'a'.repeat(1024)}… (1000000 characters)"`;
  assert.deepEqual(warningsOf(path, path), [`volume "v" (ConfigMap "c"): overlapping paths: ${shown} with ${shown}`]);
});
