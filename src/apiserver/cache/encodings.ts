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

const storedHead = '{"metadata":{'.length;

/**
 * JSON: the stored bytes with the type and the resource version before them. They are copied into the answer and nowhere
 * else, so that no second copy stays behind.
 */
export const jsonEncoding: ObjectEncoding = {
  mediaType: 'application/json',
  write(out, object, form, envelope) {
    const head = headOf(form, envelope);
    const bytes = object.bytesIn(form);
    if (bytes !== undefined) {
      // One write for all that stands before the stored bytes: each has its price.
      out.latin1(`${head}"metadata":{"resourceVersion":"${object.revision}",`);
      out.bytes(bytes, storedHead);
    } else out.text(head + membersOf(object, form));
    if (envelope === 'object') out.latin1('\n');
    else if (envelope !== 'item' && envelope !== 'typedItem') out.latin1('}\n');
  },
  sizeOf: (object) => object.stored.length + 256,
};

function headOf({ kind, apiVersion }: KindForm, envelope: Envelope): string {
  if (envelope === 'item') return '{';
  const type = `"kind":"${kind}","apiVersion":"${apiVersion}",`;
  const isAlone = envelope === 'object' || envelope === 'typedItem';
  return isAlone ? `{${type}` : `{"type":"${envelope}","object":{${type}`;
}

/** The members of a converted object after kind and apiVersion, closing brace included. */
function membersOf(object: CachedObject, form: KindForm): string {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object.peek(form);
  return JSON.stringify(rest).slice(1);
}
