import { envelopeHead, envelopeTail, frameHead, itemHead } from '../../apimachinery/protobuf/envelope.ts';
import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { CachedObject, KindForm } from './cached-object.ts';
import type { Envelope, ObjectEncoding } from './encodings.ts';

/** Messages that are kept, in bytes, twice over: when there are more, those that nobody asked for meanwhile go. */
const keptBytes = 32 * 1024 * 1024;

/** What of an object is shown, and as what. */
export interface MessageForm {
  type(form: KindForm): { readonly kind: string; readonly apiVersion: string };
  encode(object: CachedObject, form: KindForm): Uint8Array;
}

/**
 * Protobuf: the message of an object is made once, from its decoded form, and shared by get, list and watch for as long as
 * the object is there and somebody asks for it now and then. An object alone stands in an envelope; so it does in the
 * event of a watch, which stands in none; in a list it needs none.
 */
export class ProtobufEncoding implements ObjectEncoding {
  readonly mediaType = protobufMediaType;
  readonly #form: MessageForm;
  #young = new WeakMap<CachedObject, Map<string, Uint8Array>>();
  #old = new WeakMap<CachedObject, Map<string, Uint8Array>>();
  #youngBytes = 0;

  constructor(form: MessageForm) {
    this.#form = form;
  }

  write(out: ByteWriter, object: CachedObject, form: KindForm, envelope: Envelope): void {
    const message = this.#messageOf(object, form);
    if (envelope === 'item' || envelope === 'typedItem') {
      out.bytes(itemHead(message.length));
      out.bytes(message);
      return;
    }
    const head = envelopeHead(this.#form.type(form), message.length);
    const length = head.length + message.length + envelopeTail.length;
    if (envelope !== 'object') out.bytes(frameHead(envelope, length));
    out.bytes(head);
    out.bytes(message);
    out.bytes(envelopeTail);
  }

  /** Bytes of an item of a list. */
  itemLength(object: CachedObject, form: KindForm): number {
    const { length } = this.#messageOf(object, form);
    return itemHead(length).length + length;
  }

  sizeOf(object: CachedObject): number {
    return object.stored.length + 256;
  }

  #messageOf(object: CachedObject, form: KindForm): Uint8Array {
    const { apiVersion } = form;
    const known = this.#young.get(object)?.get(apiVersion);
    if (known !== undefined) return known;
    const message = this.#old.get(object)?.get(apiVersion) ?? this.#form.encode(object, form);
    this.#keep(object, apiVersion, message);
    return message;
  }

  #keep(object: CachedObject, apiVersion: string, message: Uint8Array): void {
    let versions = this.#young.get(object);
    if (versions === undefined) this.#young.set(object, (versions = new Map()));
    versions.set(apiVersion, message);
    this.#youngBytes += message.length;
    if (this.#youngBytes <= keptBytes) return;
    this.#old = this.#young;
    this.#young = new WeakMap();
    this.#youngBytes = 0;
  }
}
