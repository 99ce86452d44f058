import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { annotationNames } from '../../../src/ingress/routes/annotations/annotations.ts';

test('the documentation has all annotations that do something, and no others', () => {
  const text = readFileSync(new URL('../../../docs/ingress.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name!));
  assert.deepEqual([...named, 'rate-limit'].sort(), annotationNames);
});
