import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { RawNumber } from '../apimachinery/raw-number.ts';
import { sharedWith } from './shared-with.ts';

const json = fc.jsonValue({ maxDepth: 4 });

test('whatever the model is, the answer equals the value and is frozen', () => {
  fc.assert(
    fc.property(json, json, (value, model) => {
      const before = JSON.stringify(value);
      const shared = sharedWith(deepFreeze(value), deepFreeze(model));
      assert.deepEqual(shared, value);
      assert.equal(JSON.stringify(value), before);
      assert.ok(typeof shared !== 'object' || Object.isFrozen(shared));
    }),
  );
});

test('a copy is answered by its model', () => {
  fc.assert(
    fc.property(json, (value) => {
      const model = deepFreeze(structuredClone(value));
      assert.ok(Object.is(sharedWith(deepFreeze(value), model), typeof value === 'object' ? model : value));
    }),
  );
});

test('what differs is kept, and its equal members come from the model', () => {
  const model = deepFreeze({ volumes: [{ name: 'a', projected: {} }], containers: [{ name: 'app' }], host: 1 });
  const value = deepFreeze({ volumes: [{ name: 'b', projected: {} }], containers: [{ name: 'app' }] });
  const shared = sharedWith(value, model);
  assert.deepEqual(shared, value);
  assert.equal(shared.containers, model.containers);
  assert.equal(shared.volumes[0]!.projected, model.volumes[0]!.projected);
});

test('a longer list, a member more and a number that is kept as its text are not equal', () => {
  const model = deepFreeze({ list: [1, 2], object: { a: 1, b: 2 }, number: new RawNumber('1e3') });
  const value = deepFreeze({ list: [1], object: { a: 1 }, number: new RawNumber('1e4') });
  assert.deepEqual(sharedWith(value, model), value);
  assert.equal(sharedWith(value, model).number, value.number);
});

test('a member named __proto__ stays a member', () => {
  const parse = (text: string) => deepFreeze(JSON.parse(text) as { readonly __proto__: unknown });
  const text = '{"__proto__":{"a":[1]},"b":{"c":1}}';
  assert.equal(JSON.stringify(sharedWith(parse(text), parse('{"__proto__":{"a":[1]},"b":{"c":2}}'))), text);
});
