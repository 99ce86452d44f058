import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutAnnotations } from './discreet.ts';

test('annotations are left out of a Table and of the events of its watch, and nothing else', () => {
  const row = (annotations?: object) => ({
    cells: ['password', 'Opaque', 1, null],
    object: { metadata: { name: 'password', labels: { a: 'b' }, ...(annotations && { annotations }) } },
  });
  const event = (annotations?: object) => ({
    type: 'ADDED',
    object: { kind: 'Table', columnDefinitions: null, rows: [row(annotations), row()] },
  });
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"word":"do not tell"}}' };
  assert.deepEqual(withoutAnnotations(event(applied)), event());
});
