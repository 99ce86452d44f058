import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStored, type Stored } from '../canonical-json.ts';
import { deepFreeze } from '../freeze.ts';
import type { KubeObject } from '../object.ts';
import { jsonTextOver } from './json-text-over.ts';
import { jsonText } from './json-text.ts';

const spec = {
  text: 'long enough to be looked for, which takes 128 bytes '.repeat(3),
  numbers: [1, 2],
  deep: { a: {} },
};
const status = { phase: 'Running', message: 'also so long that nobody wants to read it again '.repeat(4) };
const object = deepFreeze({ metadata: { name: 'a' }, spec, status }) as unknown as KubeObject;

/** As it is when it has been written over: where its members are is known from then on. */
function writtenOver(): Stored {
  const first: Stored = { object, bytes: encodeStored(object) };
  return { object, bytes: encodeStored(object, first) };
}

const [specText, statusText] = [JSON.stringify(spec), JSON.stringify(status)];

test('long members that are sent as they are stored are the stored ones', () => {
  const text = `{"kind":"A","metadata":{"name":"a"},"spec":${specText},"status":${statusText}}`;
  const { value } = jsonTextOver(text, writtenOver()) as { value: { spec: unknown; status: unknown } };
  assert.equal(value.spec, object['spec' as never]);
  assert.equal(value.status, object['status' as never]);
  assert.deepEqual(value, jsonText(text).value);
});

test('a member that differs is read, and the others are not', () => {
  const text = `{"spec":${specText},"status":{"phase":"Failed"}}`;
  const { value } = jsonTextOver(text, writtenOver()) as { value: { spec: unknown; status: unknown } };
  assert.equal(value.spec, object['spec' as never]);
  assert.deepEqual(value.status, { phase: 'Failed' });
});

for (const [what, text] of [
  ['deeper in the object', `{"other":{"spec":${specText}}}`],
  ['deeper in the object, and a number where it should be', `{"o":{"a":1,"spec":${specText}},"spec":314159265358979}`],
  ['deeper, and the same number in other letters', `{"o":{"spec":${specText}},"spec":3.14159265358979e14}`],
  ['behind another of its name', `{"spec":{"a":1},"spec":${specText}}`],
  ['before another of its name', `{"spec":${specText},"spec":{"a":1}}`],
  ['twice', `{"spec":${specText},"spec":${specText}}`],
  ['under a name that ends like it', `{"a\\"spec":${specText}}`],
  ['in a list', `[{"spec":${specText}}]`],
  ['with blanks', `{"spec": ${specText}}`],
] as const)
  test(`what is like a stored member is read as without one: ${what}`, () => {
    for (const findRepeated of [true, false]) {
      const { value, hasRepeated } = jsonTextOver(text, writtenOver(), findRepeated);
      assert.deepEqual({ text, value, hasRepeated }, jsonText(text, findRepeated));
    }
  });

test('a text that cannot be read is refused with its own words', () => {
  const text = `{"spec":${specText},}`;
  const refusal = (read: () => unknown): string => {
    try {
      read();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.notEqual(
    refusal(() => jsonText(text)),
    '',
  );
  assert.equal(
    refusal(() => jsonTextOver(text, writtenOver())),
    refusal(() => jsonText(text)),
  );
});

test('an object of thousands of members is read whole: for each of them the text would be looked through', () => {
  const members = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`m${at}`, 'x'.repeat(130)]));
  const many = deepFreeze({ metadata: { name: 'a' }, list: [1], ...members }) as unknown as KubeObject;
  const first: Stored = { object: many, bytes: encodeStored(many) };
  const stored: Stored = { object: many, bytes: encodeStored(many, first) };
  const { value } = jsonTextOver(JSON.stringify(many), stored) as { value: { list: unknown } };
  assert.deepEqual(value, many);
  assert.notEqual(value.list, many['list' as never]);
});
