import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeInfo } from './node-info.ts';
import { NodeJournal } from './node-journal.ts';

const [a, b] = [new NodeInfo('a'), new NodeInfo('b')];

test('tells which nodes were touched since a place', () => {
  const journal = new NodeJournal();
  const start = journal.end;
  journal.touched(a);
  const middle = journal.end;
  journal.touched(b);
  assert.deepEqual(journal.since(start), [a, b]);
  assert.deepEqual(journal.since(middle), [b]);
  assert.deepEqual(journal.since(journal.end), []);
});

test('knows nothing of before the nodes were others', () => {
  const journal = new NodeJournal();
  const start = journal.end;
  journal.renewed();
  assert.equal(journal.since(start), undefined);
  assert.deepEqual(journal.since(journal.end), []);
});

test('forgets what is long ago, and still knows what is not', () => {
  const journal = new NodeJournal();
  for (let i = 0; i < 10_000; i++) journal.touched(a);
  const place = journal.end;
  journal.touched(b);
  assert.equal(journal.since(0), undefined);
  assert.deepEqual(journal.since(place), [b]);
});
