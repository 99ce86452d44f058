import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inTurns } from '../../base/in-steps.ts';
import { each, json } from './in-pieces.ts';

test('a document in pieces is the JSON of the whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (value) => {
      const bytes = Buffer.concat(await inTurns(json(value)));
      assert.equal(bytes.toString(), `${JSON.stringify(value)}\n`);
    }),
  );
});

test('members that are not set are left out', async () => {
  const bytes = Buffer.concat(await inTurns(json({ a: undefined, b: [{ c: undefined, d: 1 }] })));
  assert.equal(bytes.toString(), '{"b":[{"d":1}]}\n');
});

test('a long document comes in several pieces', async () => {
  const long = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`name-${at}`, 'x'.repeat(5000)]));
  const pieces = await inTurns(json({ paths: long }));
  assert.ok(pieces.length > 5);
});

test('items are made a few at a time, in their order', async () => {
  const work = each([1, 2, 3, 4, 5], (one) => one * 2, 2);
  const steps = [work.next(), work.next(), work.next()];
  assert.deepEqual(
    steps.map(({ done }) => done),
    [false, false, true],
  );
  assert.deepEqual(steps[2]!.value, [2, 4, 6, 8, 10]);
});
