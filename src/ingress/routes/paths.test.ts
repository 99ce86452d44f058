import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takers } from './paths.ts';

test('a path is taken by the one that is exactly it, then by the longest prefix', () => {
  const taker = takers([
    { match: 'exact', path: '/a/b' },
    { match: 'prefix', path: '/a/b/c/' },
    { match: 'prefix', path: '/a' },
  ]);
  const taken = (path: string): string | undefined => taker(path)?.path;
  assert.deepEqual(['/a/b', '/a/b/c/d', '/a/b/cd', '/a', '/ab', ''].map(taken), [
    '/a/b',
    '/a/b/c/',
    '/a',
    '/a',
    undefined,
    undefined,
  ]);
  assert.equal(takers([{ match: 'prefix', path: '/' }])('/x')?.path, '/');
});
