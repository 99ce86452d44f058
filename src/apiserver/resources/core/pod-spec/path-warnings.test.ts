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

for (const [what, paths, overlapping] of [
  ['the same file twice', ['a', 'b', 'a'], ['"a" with "a"']],
  ['a file where another has a folder', ['a/b/c', 'd', 'a/b'], ['"a/b" with "a/b/c"']],
  ['names of which one begins with the other', ['a', 'ab', 'a.b'], []],
  ['the same among more files than are compared each with each', ['a', 'b', 'c', 'ab', 'd', 'c/e'], ['"c/e" with "c"']],
] as const)
  test(`paths of files: ${what}`, () => {
    assert.deepEqual(
      warningsOf(...paths),
      overlapping.map((text) => `volume "v" (ConfigMap "c"): overlapping paths: ${text}`),
    );
  });

test('a row of a million slashes is gone through once', () => {
  assert.deepEqual(warningsOf(`a${'/'.repeat(1_000_000)}b`, 'c'), []);
});

test('of a long path the beginning is shown', () => {
  const path = 'a'.repeat(1_000_000);
  const shown = `"${'a'.repeat(1024)}… (1000000 characters)"`;
  assert.deepEqual(warningsOf(path, path), [`volume "v" (ConfigMap "c"): overlapping paths: ${shown} with ${shown}`]);
});
