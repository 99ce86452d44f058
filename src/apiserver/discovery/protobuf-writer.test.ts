import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { ProtobufWriter } from './protobuf-writer.ts';

const { root } = protobuf.parse(`syntax = "proto3";
message Tree {
  string name = 1;
  bytes data = 2;
  bool flag = 3;
  double number = 4;
  repeated Tree children = 1000;
}`);
const tree = root.lookupType('Tree');

interface Tree {
  name: string;
  data: Uint8Array;
  flag: boolean;
  number: number;
  children: Tree[];
}

const trees = fc.memo((depth): fc.Arbitrary<Tree> =>
  fc.record({
    name: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('é'.repeat(200))),
    data: fc.uint8Array(),
    flag: fc.boolean(),
    number: fc.double({ noNaN: true }),
    children: depth > 1 ? fc.array(trees(depth - 1), { maxLength: 3 }) : fc.constant([]),
  }),
);

function write(writer: ProtobufWriter, { name, data, flag, number, children }: Tree): void {
  writer.string(1, name);
  writer.bytes(2, data);
  writer.bool(3, flag);
  writer.double(4, number);
  for (const child of children) writer.message(1000, (nested) => write(nested, child));
}

test('what is written reads back with another implementation', () => {
  fc.assert(
    fc.property(trees(4), (value) => {
      const writer = new ProtobufWriter(1);
      write(writer, value);
      const read = tree.toObject(tree.decode(writer.finish()), { defaults: true });
      assert.deepEqual(plain(read as Tree), plain(value));
    }),
    { numRuns: 50 },
  );
});

function plain({ name, data, flag, number, children }: Tree): unknown {
  return { name, data: [...data], flag, number, children: children.map(plain) };
}
