import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../turn.ts';
import { releaseMemory } from './release-memory.ts';

test('what nobody holds is gone afterwards, and nobody else may collect', async () => {
  const { ref } = (() => ({ ref: new WeakRef({ large: new Array(1000).fill(0) }) }))();
  // What a weak reference was asked for, or made of, lives to the end of the turn.
  await nextTurn();
  releaseMemory();
  assert.equal(ref.deref(), undefined);
  assert.equal(globalThis.gc, undefined);
});
