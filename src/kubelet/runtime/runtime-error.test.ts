import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError, rpcText } from './runtime-error.ts';

test("the runtime's answer keeps its kind, other errors have none", () => {
  const error = new RuntimeError('NotFound', 'no such sandbox');
  assert.equal(rpcText(error), 'rpc error: code = NotFound desc = no such sandbox');
  assert.equal(rpcText(new Error('no')), 'no');
});
