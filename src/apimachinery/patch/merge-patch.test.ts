import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonEqual } from '../equality.ts';
import { applyMergePatch } from './merge-patch.ts';

// The examples of RFC 7396, appendix A, whose patch is an object.
for (const [original, patch, result] of [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])
  test(`${JSON.stringify(original)} patched with ${JSON.stringify(patch)}`, () =>
    assert.deepEqual(applyMergePatch(original, patch), result));

test('a patch that is no object is a bad request', () => {
  assert.throws(() => applyMergePatch({}, []), {
    code: 400,
    message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
  });
});

const objects = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), fc.jsonValue({ maxDepth: 3 }));

test('patching again changes nothing more, and the arguments are not touched', () => {
  fc.assert(
    fc.property(objects, objects, (original, patch) => {
      const before = JSON.stringify([original, patch]);
      const once = applyMergePatch(original, patch);
      assert.ok(jsonEqual(applyMergePatch(once, patch), once));
      assert.equal(JSON.stringify([original, patch]), before);
    }),
  );
});
