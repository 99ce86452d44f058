import type { Schema } from '../schema.ts';

/** The recorded facts that say how API types look as protobuf messages. */
export interface ProtobufFacts {
  readonly schema: Schema;
  /** Field numbers of structs that JSON inlines and protobuf does not, by definition. */
  readonly inlined: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Scalar fields in which a zero was set by somebody, by definition; in all others Go writes zeros that mean nothing. */
  readonly presence: Readonly<Record<string, readonly string[]>>;
}

/** Bytes that are not a message of the expected form; the text goes to the client. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}
