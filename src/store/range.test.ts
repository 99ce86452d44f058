import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prefixRange } from './range.ts';

test('a prefix range holds exactly the keys with the prefix', () => {
  const unit = fc.constantFrom('a', 'b', '/', '\uffff', '\u0000');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 4 }), fc.string({ unit, maxLength: 5 }), (prefix, key) => {
      const { start, end } = prefixRange(prefix);
      // Nothing is greater than these, so there is no end for them.
      if (key.startsWith('\uffff'.repeat(prefix.length + 1))) return;
      assert.equal(key >= start && key < end, key.startsWith(prefix));
    }),
  );
});
