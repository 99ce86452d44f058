import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemberTexts } from './member-texts.ts';

test('the members of any object are the texts that JSON has for their values', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
      const texts = new MemberTexts(new TextEncoder().encode(JSON.stringify(object)));
      for (const name of Object.keys(object)) assert.equal(texts.get(name), JSON.stringify(object[name]));
      assert.equal(texts.get('no such member'), undefined);
    }),
  );
});

test('letters that mean something in JSON mean nothing within a text', () => {
  const object = { a: '",{"b":[', 'c"\\': ['}', { d: '\\' }, 'é"'], e: 1 };
  const texts = new MemberTexts(new TextEncoder().encode(JSON.stringify(object)));
  for (const [name, value] of Object.entries(object)) assert.equal(texts.get(name), JSON.stringify(value));
});
