import { ProtobufWriter } from '../protobuf-writer.ts';

/**
 * OpenAPI documents as protobuf (github.com/google/gnostic): a message type is a table from JSON names to field numbers
 * and encodings, so that the documents themselves stay plain JSON.
 */
export type Encode = (writer: ProtobufWriter, field: number, value: unknown) => void;

export interface MessageTable {
  readonly fields: Readonly<Record<string, readonly [field: number, encode: Encode]>>;
  /** The field of the names that begin with `x-`, each with any value. */
  readonly extensions?: number;
}

export const text: Encode = (writer, field, value) => writer.string(field, value as string);
export const flag: Encode = (writer, field, value) => writer.bool(field, value as boolean);
/** Any value, as YAML, of which JSON is a part. */
export const any: Encode = (writer, field, value) => {
  writer.message(field, (nested) => nested.string(2, `${JSON.stringify(value)}\n`));
};

/** One field for each item. */
export function each(encode: Encode): Encode {
  return (writer, field, value) => {
    for (const item of value as unknown[]) encode(writer, field, item);
  };
}

/** A message of which only field `inner` is set: what protobuf has in place of unions and of repeated fields in unions. */
export function inside(inner: number, encode: Encode): Encode {
  return (writer, field, value) => writer.message(field, (nested) => encode(nested, inner, value));
}

/** The entries of an object, as repeated messages of name = 1 and value = 2. */
export function entries(encode: Encode): Encode {
  return (writer, field, value) => {
    for (const [name, part] of Object.entries(value as object)) {
      writer.message(field, (nested) => {
        nested.string(1, name);
        encode(nested, 2, part);
      });
    }
  };
}

/** One of two encodings, by the value. */
export function either(isFirst: (value: unknown) => boolean, first: Encode, second: Encode): Encode {
  return (writer, field, value) => (isFirst(value) ? first : second)(writer, field, value);
}

/** A message by its table. The table comes from a function because schemas contain schemas. */
export function message(table: () => MessageTable): Encode {
  return (writer, field, value) => {
    writer.message(field, (nested) => writeMessage(nested, table(), value as Readonly<Record<string, unknown>>));
  };
}

/** The whole document. Names that the table lacks are left out. */
export function encodeDocument(table: MessageTable, document: Readonly<Record<string, unknown>>): Uint8Array {
  const writer = new ProtobufWriter(1 << 20);
  writeMessage(writer, table, document);
  return writer.finish();
}

const namedAny = entries(any);

function writeMessage(writer: ProtobufWriter, table: MessageTable, value: Readonly<Record<string, unknown>>): void {
  for (const [name, part] of Object.entries(value)) {
    const known = table.fields[name];
    if (known !== undefined) known[1](writer, known[0], part);
    else if (table.extensions !== undefined && name.startsWith('x-'))
      namedAny(writer, table.extensions, { [name]: part });
  }
}

export function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$ref' in value;
}
