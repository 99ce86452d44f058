import { envelopeHead, envelopeTail, frameHead } from '../../apimachinery/protobuf/envelope.ts';
import type { ProtobufCodec } from '../../apimachinery/protobuf/codec.ts';
import { ProtobufEncoding } from '../cache/protobuf-encoding.ts';
import type { Representation } from './negotiate.ts';

type Typed = { readonly kind: string; readonly apiVersion: string };

const partialMetadata = 'io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata';

/** Answers in `application/vnd.kubernetes.protobuf`. */
export class ProtobufForms {
  readonly #codec: ProtobufCodec;
  readonly #objects: ProtobufEncoding;
  readonly #metadata: Readonly<Record<'v1' | 'v1beta1', ProtobufEncoding>>;

  constructor(codec: ProtobufCodec) {
    this.#codec = codec;
    this.#objects = new ProtobufEncoding({
      type: (form) => form,
      encode(object, form) {
        if (form.definition === undefined) throw new Error(`Cannot encode a ${form.kind}: it has no form in protobuf`);
        return codec.encodeMessage(object.peek(form), form.definition);
      },
    });
    const metadataIn = (version: string) =>
      new ProtobufEncoding({
        type: () => ({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}` }),
        encode: (object, form) => codec.encodeMessage(object.peek(form), partialMetadata),
      });
    this.#metadata = { v1: metadataIn('v1'), v1beta1: metadataIn('v1beta1') };
  }

  /** How stored objects are written in the representation. There is no Table in protobuf. */
  encoding(representation: Representation): ProtobufEncoding {
    if (representation.form === 'table') throw new Error('Cannot encode a Table: it has no form in protobuf');
    return representation.form === 'object' ? this.#objects : this.#metadata[representation.version];
  }

  /** A value that says what it is, in its envelope. */
  value(value: Typed): Buffer {
    return Buffer.concat(this.#parts(value));
  }

  /** The frame of a watch with such a value. */
  frame(type: string, value: Typed): Buffer {
    const parts = this.#parts(value);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([frameHead(type, length), ...parts]);
  }

  /** What stands before the items of a list whose items take `itemBytes`, and behind them. */
  list(type: Typed, metadata: object, itemBytes: number): { readonly head: Buffer; readonly tail: Uint8Array } {
    const meta = this.#codec.encodeMessage({ metadata }, `${partialMetadata}List`);
    return { head: Buffer.concat([envelopeHead(type, meta.length + itemBytes), meta]), tail: envelopeTail };
  }

  #parts(value: Typed): Uint8Array[] {
    const definition = this.#codec.definitionOf(value);
    if (definition === undefined) throw new Error(`Cannot encode a ${value.kind}: it has no form in protobuf`);
    const message = this.#codec.encodeMessage(value, definition);
    return [envelopeHead(value, message.length), message, envelopeTail];
  }
}
