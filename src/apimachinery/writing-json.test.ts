import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wholeOf } from '../base/in-steps.ts';
import { RawNumber } from './raw-number.ts';
import { writingJson } from './writing-json.ts';

test('the text is that of JSON.stringify', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.equal(wholeOf(writingJson(value)), JSON.stringify(value))));
});

test('of large values too, and what is not there is left out', () => {
  const items = Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}`, at, none: undefined }));
  const value = {
    items,
    byName: Object.fromEntries(items.map((item) => [item.name, item])),
    number: new RawNumber('1.50'),
    nothing: undefined,
    list: [undefined, null, [], {}],
  };
  assert.equal(wholeOf(writingJson(value)), JSON.stringify(value));
});

test('others have their turn between the parts of a long list, and of an object with many members', () => {
  const items = Array.from({ length: 1000 }, (_, at) => at);
  for (const value of [{ items }, { members: { ...items } }]) {
    const work = writingJson(value);
    let turns = 0;
    while (work.next().done !== true) turns++;
    assert.ok(turns >= 3, `${turns} turns`);
  }
});
