import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastSignatures } from './last-signatures.ts';

test('the signatures that were written last are remembered', () => {
  const last = new LastSignatures<number>();
  for (let at = 0; at < 64; at++) last.set(`${at}`, at);
  last.set('0', 100);
  last.set('new', 1);
  assert.deepEqual([last.get('0'), last.get('1'), last.get('2'), last.get('new')], [100, undefined, 2, 1]);
});
