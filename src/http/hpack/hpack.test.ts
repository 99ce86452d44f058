import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, property, array, tuple, constantFrom, string, oneof, integer } from 'fast-check';
import { BufferPool, ByteWriter } from '../byte-writer.ts';
import { HpackDecoder, HpackError } from './decoder.ts';
import { HpackEncoder } from './encoder.ts';

const limits = { bytes: 64 * 1024, fields: 200 };

function decoder(): (hex: string) => string[] {
  const one = new HpackDecoder(limits);
  return (hex) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    return one.decode(bytes, 0, bytes.length).fields;
  };
}

describe('HPACK decoder', () => {
  it('reads the examples of RFC 7541 without Huffman coding (appendix C.3)', () => {
    const decode = decoder();
    const first = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
    assert.deepEqual(decode('8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'), first);
    assert.deepEqual(decode('8286 84be 5808 6e6f 2d63 6163 6865'), [...first, 'cache-control', 'no-cache']);
    assert.deepEqual(decode('8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65').slice(2), [
      ...[':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com', 'custom-key', 'custom-value'],
    ]);
  });

  it('reads the examples of RFC 7541 with Huffman coding (appendix C.4)', () => {
    const decode = decoder();
    const first = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
    assert.deepEqual(decode('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), first);
    assert.deepEqual(decode('8286 84be 5886 a8eb 1064 9cbf').slice(-2), ['cache-control', 'no-cache']);
    assert.deepEqual(decode('8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf').slice(-2), [
      'custom-key',
      'custom-value',
    ]);
  });

  it('reads long coded texts that come again, and others of the same length', () => {
    const decode = decoder();
    const coded = (eight: string) => `00 0178 ff8501 ${eight.repeat(52)}`;
    const [a, c] = [coded('18c6318c63'), coded('2108421084')];
    for (const [hex, letter] of [
      [a, 'a'],
      [a, 'a'],
      [c, 'c'],
      [a, 'a'],
    ] as const)
      assert.deepEqual(decode(hex), ['x', letter.repeat(416)]);
  });

  it('keeps evicting what does not fit (appendix C.5, in a table of 256 bytes)', () => {
    const decode = decoder();
    decode('3fe1 0140 0161 0162'); // table of 256 bytes, a: b
    const long = 'c'.repeat(190);
    decode(`40 01 78 7f3f ${Buffer.from(long).toString('hex')}`);
    assert.deepEqual(decode('be'), ['x', long]);
    assert.throws(() => decode('bf'), HpackError);
  });

  for (const [what, hex] of [
    ['index 0', '80'],
    ['an index behind the table', 'ff00'],
    ['a text that is cut off', '4001 6105 61'],
    ['an integer without an end', 'ffff ffff ffff ffff'],
    ['an integer that is cut off', 'ff'],
    ['padding of zeros', '0081 00'],
    ['padding of more than seven bits', '0082 1fff 00'],
    ['the code of the end of the text', '0084 ffff ffff 00'],
    ['a table larger than allowed', '3fe2 1f'],
    ['a table size behind a field', '82 20'],
    ['a value that is missing', '4001 61'],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => decoder()(hex), HpackError));

  it('reads a block that is too large to its end, and the next one right', () => {
    const one = new HpackDecoder({ bytes: 200, fields: 3 });
    const block = Buffer.from(`4001 6101 62 ${'be'.repeat(10)}`.replaceAll(' ', ''), 'hex');
    assert.equal(one.decode(block, 0, block.length).tooLarge, true);
    const next = one.decode(Buffer.from('be', 'hex'), 0, 1);
    assert.deepEqual(next, { fields: ['a', 'b'], tooLarge: false });
  });
});

const names = ['cache-control', 'audit-id', 'content-type', 'content-length', 'date', 'x-a', 'x-b', 'warning'];

describe('HPACK encoder', () => {
  it('is read back by the decoder, whatever repeats and whatever table the peer allows', () => {
    const value = oneof(
      constantFrom('no-cache', 'application/json', '12'),
      string({ maxLength: 300, unit: 'binary-ascii' }),
    );
    const field = tuple(constantFrom(...names), value);
    const block = tuple(
      array(field, { maxLength: 12 }),
      oneof(integer({ min: 0, max: 4096 }), integer({ min: 9999, max: 9999 })),
    );
    const result = check(
      property(array(block, { maxLength: 12 }), (blocks) => {
        const [encoder, decoder] = [new HpackEncoder(), new HpackDecoder({ bytes: 1 << 20, fields: 1000 })];
        for (const [fields, table] of blocks) {
          if (table !== 9999) encoder.limitTable(table);
          const writer = new ByteWriter(new BufferPool({ size: 1024, most: 1 }));
          encoder.begin(writer);
          encoder.status(writer, 200);
          for (const [name, text] of fields) encoder.field(writer, name, text);
          const { bytes } = writer.take();
          assert.deepEqual(decoder.decode(bytes, 0, bytes.length).fields, [':status', '200', ...fields.flat()]);
        }
      }),
    );
    assert.equal(result.failed, false, JSON.stringify(result.counterexample));
  });

  it('says in a byte what it has said before', () => {
    const encoder = new HpackEncoder();
    const write = (...fields: (readonly [string, string])[]): number => {
      const writer = new ByteWriter(new BufferPool({ size: 1024, most: 1 }));
      encoder.begin(writer);
      for (const [name, value] of fields) encoder.field(writer, name, value);
      return writer.length;
    };
    const head = [
      [':status', '200'],
      ['content-type', 'application/json'],
      ['cache-control', 'no-cache, private'],
    ] as const;
    write(...head, ['audit-id', 'abcd']);
    assert.equal(write(...head), 3);
    assert.equal(write(['audit-id', 'efgh']), 2 + 1 + 4);
  });
});
