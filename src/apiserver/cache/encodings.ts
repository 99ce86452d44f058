import { metadataStart } from '../../apimachinery/canonical-json.ts';
import type { EventType } from './change.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { CachedObject, KindForm } from './cached-object.ts';

/**
 * What stands around an object: an answer of its own, a place in a list (where custom resources say what they are, and
 * Kubernetes' own kinds do not), a line of a watch.
 */
export type Envelope = 'object' | 'item' | 'typedItem' | EventType;

/** How objects are written in one media type. Get, list and watch all write them by this. */
export interface ObjectEncoding {
  readonly mediaType: string;
  write(out: ByteWriter, object: CachedObject, form: KindForm, envelope: Envelope): void;
  /** About how many bytes {@link write} writes. */
  sizeOf(object: CachedObject): number;
}

const metadataHead = '"metadata":{"resourceVersion":"';
const itemHead = `{${metadataHead}`;
const heads = new WeakMap<KindForm, Map<Envelope, string>>();

/**
 * JSON: the stored bytes with the type and the resource version before them. They are copied into the answer and nowhere
 * else, so that no second copy stays behind.
 */
export const jsonEncoding: ObjectEncoding = {
  mediaType: 'application/json',
  write(out, object, form, envelope) {
    const head = headOf(form, envelope);
    const tail = envelope === 'object' ? '\n' : envelope === 'item' || envelope === 'typedItem' ? '' : '}\n';
    const bytes = object.bytesIn(form);
    if (bytes !== undefined) return out.around(head, String(object.revision), '",', bytes, metadataStart(bytes), tail);
    out.text(head.slice(0, -metadataHead.length) + membersOf(object, form));
    out.latin1(tail);
  },
  sizeOf: (object) => object.stored.length + 256,
};

/** What stands before the resource version; the same text each time, as one that is put together anew has its price. */
function headOf(form: KindForm, envelope: Envelope): string {
  if (envelope === 'item') return itemHead;
  let known = heads.get(form);
  if (known === undefined) heads.set(form, (known = new Map()));
  let head = known.get(envelope);
  if (head === undefined) known.set(envelope, (head = newHead(form, envelope)));
  return head;
}

function newHead({ kind, apiVersion }: KindForm, envelope: Exclude<Envelope, 'item'>): string {
  const type = `"kind":"${kind}","apiVersion":"${apiVersion}",${metadataHead}`;
  const isAlone = envelope === 'object' || envelope === 'typedItem';
  return isAlone ? `{${type}` : `{"type":"${envelope}","object":{${type}`;
}

/** The members of a converted object after kind and apiVersion, closing brace included. */
function membersOf(object: CachedObject, form: KindForm): string {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object.peek(form);
  return JSON.stringify(rest).slice(1);
}
