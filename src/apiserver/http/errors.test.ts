import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { statusErrorOf, warningHeaders } from './errors.ts';

const rows: { name: string; texts: string[]; want: string[] }[] = [
  { name: 'each text once', texts: ['a', 'b', 'a'], want: ['299 - "a"', '299 - "b"'] },
  { name: 'quotes are escaped', texts: ['unknown field "a\\b"'], want: ['299 - "unknown field \\"a\\\\b\\""'] },
  { name: 'no second header is made', texts: ['a\r\nset-cookie: x'], want: ['299 - "a  set-cookie: x"'] },
  { name: 'letters are sent as UTF-8', texts: ['ü日'], want: [Buffer.from('299 - "ü日"').toString('latin1')] },
];

for (const { name, texts, want } of rows)
  test(`warnings: ${name}`, () => assert.deepEqual(warningHeaders(texts), want));

test('a flood of warnings is cut', () => {
  const headers = warningHeaders(Array.from({ length: 10_000 }, (_, i) => `unknown field "${i}${'x'.repeat(300)}"`));
  assert.equal(headers.length, 16);
  assert.ok(headers.every((header) => header.length < 280));
});

test('what is no refusal is an internal error', () => {
  assert.equal(statusErrorOf(new Error('lost'), silentLogger).status.code, 500);
});
