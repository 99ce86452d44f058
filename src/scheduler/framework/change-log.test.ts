import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeLog } from './change-log.ts';
import { NodeInfo } from './node-info.ts';

test('as long as pods are only put on nodes, it is known on which', () => {
  const log = new ChangeLog();
  const [a, b] = [new NodeInfo('a'), new NodeInfo('b')];
  const start = log.version;
  assert.deepEqual([...log.takenSince(start)!], []);
  log.took(a);
  const middle = log.version;
  log.took(b);
  log.took(b);
  assert.deepEqual([...log.takenSince(start)!], [a, b]);
  assert.deepEqual([...log.takenSince(middle)!], [b]);
  log.changed();
  assert.equal(log.takenSince(middle), undefined);
  assert.deepEqual([...log.takenSince(log.version)!], []);
});

test('what is long ago is not remembered', () => {
  const log = new ChangeLog();
  const node = new NodeInfo('a');
  for (let i = 0; i < 10_000; i++) log.took(node);
  assert.equal(log.takenSince(0), undefined);
  assert.equal(log.takenSince(9000)?.size, 1);
});
