import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pemBlocks } from './pem.ts';

const block = (type: string, inside: string, ends = type) =>
  `-----BEGIN ${type}-----\n${inside}\n-----END ${ends}-----\n`;
const read = (text: string) => pemBlocks(text).map(({ type, base64 }) => `${type}: ${base64}`);

const rows: readonly [name: string, text: string, want: readonly string[]][] = [
  ['nothing', '', []],
  ['blocks with text around them', `a\n${block('A', 'aGk=')}b\n${block('B', 'eW8=')}c`, ['A: aGk=', 'B: eW8=']],
  ['one that goes over lines', block('A', 'aG\r\nk='), ['A: aGk=']],
  ['one that ends as another one', block('A', 'aGk=', 'B') + block('C', 'eW8='), ['C: eW8=']],
  ['one without an end', '-----BEGIN A-----\naGk=\n', []],
  ['one that does not begin a line', `x${block('A', 'aGk=')}`, []],
  ['one whose first line is cut off', `-----BEGIN A\naGk=\n-----END A-----\n${block('B', 'eW8=')}`, ['B: eW8=']],
];

for (const [name, text, want] of rows) test(`PEM: ${name}`, () => assert.deepEqual(read(text), want));

test('PEM: headers are told, and no part of the content', () => {
  assert.deepEqual(pemBlocks(block('A', 'Proc-Type: 4,ENCRYPTED\n\naGk=')), [
    { type: 'A', hasHeaders: true, base64: 'aGk=' },
  ]);
});

test('PEM: a megabyte of beginnings without ends is read once', () => {
  const text = Array.from({ length: 50_000 }, (_, at) => `-----BEGIN ${at}-----\n`).join('');
  assert.deepEqual(read(text), []);
  // Each of these ended a block that none of the others began: a look for its own end would go on to the last letter.
  assert.deepEqual(read(`${text}${block('A', 'aGk=')}`), []);
});
