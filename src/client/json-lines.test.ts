import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonLines } from './json-lines.ts';

test('values come out whole wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 30 }), (values, cuts) => {
      const wire = new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const lines = new JsonLines();
      const seen: unknown[] = [];
      let at = 0;
      for (const length of [...cuts, wire.length]) {
        seen.push(...lines.push(wire.subarray(at, at + length)));
        at += length;
      }
      assert.equal(JSON.stringify(seen), JSON.stringify(values));
    }),
    { numRuns: 200 },
  );
});

test('a character that is cut in two survives, blank lines are passed over', () => {
  const wire = new TextEncoder().encode('\n{"name":"čeština €"}\n\r\n');
  const lines = new JsonLines();
  const seen = [...wire].flatMap((byte) => lines.push(Uint8Array.of(byte)));
  assert.deepEqual(seen, [{ name: 'čeština €' }]);
});

test('a line that is not JSON is an error', () => {
  assert.throws(() => new JsonLines().push(new TextEncoder().encode('<html>\n')), SyntaxError);
});
