import protobuf from 'protobufjs/light.js';
import { messages, type MessageName, type Received, type Sent } from './messages.ts';

type Field = readonly [number: number, kind: string, many?: 'many'];

const types = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, { fields: describe(fields) }])),
});

function describe(fields: Readonly<Record<string, Field>>): Record<string, protobuf.IField> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, [id, kind, many]]) => {
      if (kind === 'texts') return [name, { keyType: 'string', type: 'string', id } as protobuf.IMapField];
      return [name, many === undefined ? { type: kind, id } : { rule: 'repeated', type: kind, id }];
    }),
  );
}

/** The wire form of a message. Fields that are not in the table are ignored. */
export function encode<Name extends MessageName>(name: Name, message: Sent<Name>): Buffer {
  const type = types.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(message as Record<string, unknown>)).finish());
}

/** Throws when the bytes are no such message. Fields that are not in the table are skipped. */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Received<Name> {
  const type = types.lookupType(name);
  return type.toObject(type.decode(bytes), { longs: Number, defaults: true, bytes: Buffer }) as Received<Name>;
}
