import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readName } from './name.ts';
import { parseQuery } from './query.ts';
import { questionBytes } from './question.ts';
import { addressRecordsOf, lifetimeOf, parseRelayed, relay } from './relay.ts';

function message(counts: readonly number[], ...parts: readonly (string | Buffer)[]): Buffer {
  const header = Buffer.alloc(12);
  [7, 0x0100, ...counts].forEach((value, index) => header.writeUInt16BE(value, index * 2));
  return Buffer.concat([header, ...parts.map((part) => Buffer.from(part as string, 'latin1'))]);
}

const question = questionBytes('web', 1);
const pointer = '\xc0\x0c';
const optRecord = '\0\0\x29\x10\0\0\0\0\0\0\0';

const packets: readonly (readonly [why: string, packet: Buffer, outcome: string])[] = [
  ['nothing', Buffer.alloc(0), 'noise'],
  ['less than a header', Buffer.alloc(11), 'noise'],
  ['an answer', Buffer.from([0, 7, 0x81, 0, 0, 1, 0, 0, 0, 0, 0, 0]), 'noise'],
  ['another operation', Buffer.from([0, 7, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0]), 'code 4'],
  ['no question', message([0, 0, 0, 0]), 'code 1'],
  ['two questions', message([2, 0, 0, 0], question, question), 'code 1'],
  ['very many questions', message([65_535, 0, 0, 0], question), 'code 1'],
  ['a question that is missing', message([1, 0, 0, 0]), 'code 1'],
  ['a name without an end', message([1, 0, 0, 0], '\x03web'), 'code 1'],
  ['a label that is cut short', message([1, 0, 0, 0], '\x3fweb'), 'code 1'],
  ['a question without its type', message([1, 0, 0, 0], '\x03web\0\0'), 'code 1'],
  ['a name that points to itself', message([1, 0, 0, 0], `${pointer}\0\x01\0\x01`), 'code 1'],
  ['a name that points into the header', message([1, 0, 0, 0], '\xc0\x00\0\x01\0\x01'), 'code 1'],
  ['a kind of label that nobody knows', message([1, 0, 0, 0], '\x41a\0\0\x01\0\x01'), 'code 1'],
  ['a name of 256 bytes', message([1, 0, 0, 0], `${`\x3f${'a'.repeat(63)}`.repeat(4)}\0\0\x01\0\x01`), 'code 1'],
  [
    'a name of 255 bytes',
    message([1, 0, 0, 0], `${`\x3f${'a'.repeat(63)}`.repeat(3)}\x3d${'a'.repeat(61)}\0\0\x01\0\x01`),
    'query',
  ],
  ['answers in a question', message([1, 2, 0, 0], question), 'code 1'],
  ['thousands of records', message([1, 0, 0, 9999], question), 'code 1'],
  ['a record that is missing', message([1, 0, 0, 1], question), 'code 1'],
  ['a record longer than the packet', message([1, 0, 0, 1], question, '\0\0\x29\x10\0\0\0\0\0\0\xff'), 'code 1'],
  ['two versions of EDNS', message([1, 0, 0, 2], question, optRecord, optRecord), 'code 1'],
  ['EDNS under a name', message([1, 0, 0, 1], question, pointer, optRecord.slice(1)), 'code 1'],
  ['EDNS among the answers', message([1, 1, 0, 0], question, optRecord), 'code 1'],
  ['EDNS where it belongs', message([1, 0, 0, 1], question, optRecord), 'query'],
  ['something behind the end', message([1, 0, 0, 0], question, 'more'), 'query'],
];

for (const [why, packet, outcome] of packets)
  test(`a packet with ${why}: ${outcome}`, () => {
    const parsed = parseQuery(packet);
    assert.equal(parsed.kind === 'bad' ? `code ${parsed.code}` : parsed.kind, outcome);
  });

test('pointers lead backwards only, so that every name has an end', () => {
  const read = (text: string, at: number) => readName(Buffer.from(text, 'latin1'), at)?.name;
  assert.equal(read('\x01a\0\x01b\xc0\x00', 3), 'b.a');
  assert.equal(read('\xc0\x00', 0), undefined);
  assert.equal(read('\xc0\x02\xc0\x00', 0), undefined);
  assert.equal(read('\xc0\x02\xc0\x00', 2), undefined);
  assert.equal(read('\x01a\xc0\x00', 0), undefined);
  // Each part may be reached once: labels cannot be piled up to more than a name may have.
  assert.equal(
    read(
      `\x01a\0${Array.from({ length: 200 }, (_, i) => `\x01b\xc0${String.fromCharCode(i === 0 ? 0 : i * 4 - 1)}`)
        .slice(0, 60)
        .join('')}`,
      3 + 59 * 4,
    ),
    `${'b.'.repeat(60)}a`,
  );
});

test('no bytes make the parsers throw, or read on for long', () => {
  const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const asked = questionBytes('web.shop.svc.cluster.local', 1);
  const behindQuestion = fc.tuple(fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), noise).map(([counts, rest]) => {
    const bytes = message([1, ...counts], asked, rest);
    bytes[2] = 0x81;
    return bytes;
  });
  const sane = parseQuery(message([1, 0, 0, 1], asked, optRecord));
  assert.ok(sane.kind === 'query');
  fc.assert(
    fc.property(fc.oneof(noise, behindQuestion), (bytes) => {
      parseQuery(bytes);
      const response = parseRelayed(bytes, 7, asked);
      if (response === undefined) return;
      lifetimeOf(response);
      addressRecordsOf(response);
      assert.ok(relay(response, sane.query, { limit: 512 }).length <= 512);
    }),
    { numRuns: 2000 },
  );
});
