import { ProtobufError } from './facts.ts';
import { ByteReader } from './reader.ts';
import { ByteWriter } from './writer.ts';

/** `k8s` and a zero: the beginning of every message in `application/vnd.kubernetes.protobuf`. */
const magic = new Uint8Array([0x6b, 0x38, 0x73, 0x00]);

/** Bytes of an ordinary head; a kind of many letters takes more. */
const shortHead = 96;

/** What `runtime.Unknown` says of the message in it: an object of this kind, in protobuf, not encoded any further. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: Uint8Array;
}

/** Opens a body. Throws {@link ProtobufError}. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (magic.some((byte, at) => bytes[at] !== byte))
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  const reader = new ByteReader();
  reader.open(bytes.subarray(magic.length));
  const end = bytes.length - magic.length;
  let [apiVersion, kind] = ['', ''];
  let message: Uint8Array = new Uint8Array();
  while (reader.at < end) {
    const tag = reader.small();
    if (tag === 10) {
      const endOfType = reader.endOfPart();
      while (reader.at < endOfType) {
        const inner = reader.small();
        if (inner === 10) apiVersion = reader.string();
        else if (inner === 18) kind = reader.string();
        else reader.skipField(inner & 7);
      }
    } else if (tag === 18) message = reader.bytes();
    else reader.skipField(tag & 7);
  }
  return { apiVersion, kind, message };
}

/** What stands before a message of `length` bytes in a body. */
export function envelopeHead({ apiVersion, kind }: Omit<Envelope, 'message'>, length: number): Uint8Array {
  const out = new ByteWriter(shortHead);
  out.small(length);
  out.small(18);
  const before = out.length;
  out.string(kind);
  out.small(18);
  out.string(apiVersion);
  out.small(10);
  out.small(out.length - before);
  out.small(10);
  const type = out.take();
  const head = new Uint8Array(magic.length + type.length);
  head.set(magic);
  head.set(type, magic.length);
  return head;
}

/** What stands behind the message: no content encoding, no content type. */
export const envelopeTail: Uint8Array = new Uint8Array([0x1a, 0, 0x22, 0]);

/** What stands before an item of `length` bytes in the message of a list: the items of all lists are field 2. */
export function itemHead(length: number): Uint8Array {
  const out = new ByteWriter(shortHead);
  out.small(length);
  out.small(18);
  return out.take();
}

/**
 * What stands before the object of `length` bytes, in its envelope, in the frame of a watch: the length of the frame, and a
 * meta/v1 WatchEvent (which has no envelope) up to its object.
 */
export function frameHead(type: string, length: number): Uint8Array {
  const out = new ByteWriter(shortHead);
  out.small(length);
  out.small(10);
  out.small(out.length + length);
  out.small(18);
  out.string(type);
  out.small(10);
  const event = out.take();
  const head = new Uint8Array(4 + event.length);
  new DataView(head.buffer).setUint32(0, event.length + length);
  head.set(event, 4);
  return head;
}
