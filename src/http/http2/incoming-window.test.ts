import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IncomingWindow } from './incoming-window.ts';
import { ConnectionError } from './protocol.ts';

test('the client is told of room when half of the window has been taken, and may send no more than it was told', () => {
  const window = new IncomingWindow(100);
  window.spend(80);
  assert.equal(window.credit(49), 0);
  assert.equal(window.credit(11), 60);
  window.spend(80);
  assert.throws(() => window.spend(1), ConnectionError);
});
