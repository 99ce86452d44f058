import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { boundedText, type AnswerBounds } from './bounded-text.ts';

const rows: readonly { name: string; parts: string[]; bounds: AnswerBounds; want: string | RegExp }[] = [
  { name: 'in parts', parts: ['{"a":', '1}'], bounds: { longest: 7 }, want: '{"a":1}' },
  { name: 'too long', parts: ['{"a":', '1}'], bounds: { longest: 6 }, want: /longer than 6 bytes/ },
  {
    name: 'of too many numbers',
    parts: [`[${'1,'.repeat(15_000)}1]`],
    bounds: { longest: 100_000 },
    want: /more than 60000 values/,
  },
  {
    name: 'of too many brackets',
    parts: ['['.repeat(20_000)],
    bounds: { longest: 100_000 },
    want: /more than 60000 values/,
  },
  {
    name: 'of many, where they may be',
    parts: [`[${'1,'.repeat(15_000)}1]`],
    bounds: { longest: 100_000, heaviest: 90_000 },
    want: /^\[1,/,
  },
];

for (const { name, parts, bounds, want } of rows)
  test(`an answer ${name}`, async () => {
    const answer = Readable.from(parts.map((part) => Buffer.from(part))) as unknown as IncomingMessage;
    const text = await boundedText(answer, bounds).catch((error: Error) => error.message);
    if (typeof want === 'string') assert.equal(text, want);
    else assert.match(text, want);
  });
