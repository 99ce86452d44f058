import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { handOf } from './hand-of-queues.ts';

test('a hand has so many different queues of the deck, and always the same', () => {
  const sizes = fc
    .integer({ min: 1, max: 128 })
    .chain((deck) => fc.tuple(fc.constant(deck), fc.integer({ min: 1, max: Math.min(deck, 8) })));
  fc.assert(
    fc.property(fc.string(), sizes, (flow, [deck, size]) => {
      const hand = handOf(flow, deck, size);
      assert.equal(new Set(hand).size, size);
      assert.ok(hand.every((queue) => queue >= 0 && queue < deck));
      assert.deepEqual(handOf(flow, deck, size), hand);
    }),
  );
});

test('two flows seldom have the same hand', () => {
  const hands = Array.from({ length: 200 }, (_, i) => handOf(`flow ${i}`, 64, 6).toSorted().join());
  assert.equal(new Set(hands).size, 200);
});
