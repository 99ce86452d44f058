import { envelopeHead, envelopeTail, openEnvelope } from './envelope.ts';
import { ProtobufError, type ProtobufFacts } from './facts.ts';
import { MessageReader, type Members } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { MessagePlans } from './plan.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/**
 * `application/vnd.kubernetes.protobuf`: objects of the recorded definitions as messages, and back as the plain values that
 * JSON gives.
 */
export class ProtobufCodec {
  readonly #plans: MessagePlans;
  readonly #reader = new MessageReader();
  readonly #writer = new MessageWriter();

  constructor(facts: ProtobufFacts) {
    this.#plans = new MessagePlans(facts);
  }

  /** Whether objects of the definition can be messages. */
  has(definition: string): boolean {
    return this.#plans.has(definition);
  }

  /** The definition of a kind; `undefined` for one that has no messages. */
  definitionOf(type: { readonly kind: string; readonly apiVersion: string }): string | undefined {
    return this.#plans.definitionOf(type);
  }

  /**
   * The object in a body, with kind and apiVersion as the envelope names them. `definition` is what it is expected to be.
   * Throws {@link ProtobufError}.
   */
  decode(bytes: Uint8Array, definition: string): Members {
    const { apiVersion, kind, message } = openEnvelope(bytes);
    const type = { ...(apiVersion === '' ? {} : { apiVersion }), ...(kind === '' ? {} : { kind }) };
    return { ...type, ...this.decodeMessage(message, definition) };
  }

  /** Throws {@link ProtobufError}. */
  decodeMessage(message: Uint8Array, definition: string): Members {
    try {
      return this.#reader.read(this.#plans.of(definition), message);
    } catch (error) {
      throw error instanceof RangeError ? new ProtobufError('exceeded max depth') : error;
    }
  }

  /** An object without kind and apiVersion, which only envelopes have. */
  encodeMessage(value: object, definition: string): Uint8Array {
    return this.#writer.write(this.#plans.of(definition), value as Members);
  }

  /** An object in its envelope, in parts. */
  encode(value: { readonly kind: string; readonly apiVersion: string }, definition: string): Uint8Array[] {
    const message = this.encodeMessage(value, definition);
    return [envelopeHead(value, message.length), message, envelopeTail];
  }
}
