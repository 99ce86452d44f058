import type { Clock } from '../../base/clock.ts';
import { LongWork } from '../../base/turns.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { jsonEncoding } from '../cache/encodings.ts';
import type { Answer } from '../rest/operation.ts';
import { columnDefinitions, partialMetadata, tableRow } from '../rest/table.ts';
import { pieceBytes } from './piece-buffers.ts';
import { listMeta, notAList, type Presentation } from './representation.ts';

export type ListAnswer = Answer & { readonly kind: 'list' };

/** Gives the buffer of a piece, of at least so many bytes. */
export type MakePiece = (bytes: number) => Buffer;

/** How the items of a list become JSON: what stands around them, and one of them. */
interface ListForm {
  readonly head: string;
  readonly tail: string;
  write(out: ByteWriter, entry: CachedObject): void;
}

/**
 * A list as JSON, in pieces: what has not been asked for yet takes no memory besides the stored bytes, and others get
 * their turn in between. Throws NotAcceptable for the form of a single object, before anything is written.
 */
export function listPieces(
  answer: ListAnswer,
  presentation: Presentation,
  clock: Clock,
  make?: MakePiece,
): AsyncGenerator<Buffer, undefined> {
  return pieces(answer, formOf(answer, presentation), clock, make);
}

async function* pieces(
  answer: ListAnswer,
  { head, tail, write }: ListForm,
  clock: Clock,
  make: MakePiece | undefined,
): AsyncGenerator<Buffer, undefined> {
  const out = new ByteWriter(Math.min(pieceBytes, sizeOf(answer, pieceBytes) + head.length), make);
  const work = new LongWork(clock);
  out.text(head);
  for (let at = 0; at < answer.entries.length; at++) {
    if (at > 0) out.latin1(',');
    write(out, answer.entries[at]!);
    if (out.hasFull) yield* out.take();
    if (work.mustWait) await work.next();
  }
  out.text(tail);
  yield* out.finish();
  return undefined;
}

/**
 * A list in protobuf, in pieces. Its length stands before it, so that all items are encoded before the first is sent; those
 * of very long lists are not kept meanwhile, but encoded again. Throws NotAcceptable for the form of a single object,
 * before anything is written.
 */
export function protobufListPieces(
  answer: ListAnswer,
  presentation: Presentation,
  clock: Clock,
  make?: MakePiece,
): AsyncGenerator<Buffer, undefined> {
  const { representation } = presentation.accepted;
  if (representation.form === 'metadata' && !representation.list) throw notAList(answer.served);
  return protobufPieces(answer, presentation, clock, make);
}

async function* protobufPieces(
  answer: ListAnswer,
  { accepted, protobuf }: Presentation,
  clock: Clock,
  make: MakePiece | undefined,
): AsyncGenerator<Buffer, undefined> {
  const { form } = answer.served;
  const { representation } = accepted;
  const encoding = protobuf.encoding(representation);
  const work = new LongWork(clock);
  let length = 0;
  for (const entry of answer.entries) {
    length += encoding.itemLength(entry, form);
    if (work.mustWait) await work.next();
  }
  const type =
    representation.form === 'object'
      ? { kind: `${form.kind}List`, apiVersion: form.apiVersion }
      : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${representation.version}` };
  const { head, tail } = protobuf.list(type, listMeta(answer), length);
  const out = new ByteWriter(Math.min(pieceBytes, head.length + length + tail.length), make);
  out.bytes(head);
  for (const entry of answer.entries) {
    encoding.write(out, entry, form, 'item');
    if (out.hasFull) yield* out.take();
    if (work.mustWait) await work.next();
  }
  out.bytes(tail);
  yield* out.finish();
  return undefined;
}

/** Whether a list is answered in pieces; small ones leave in one. */
export function isLarge(answer: ListAnswer): boolean {
  return sizeOf(answer, pieceBytes) > pieceBytes;
}

/** About how many bytes; more than `enough` are not counted. */
function sizeOf({ entries }: ListAnswer, enough: number): number {
  let size = 256;
  for (let at = 0; at < entries.length && size <= enough; at++) size += jsonEncoding.sizeOf(entries[at]!);
  return size;
}

function formOf(answer: ListAnswer, presentation: Presentation): ListForm {
  const { served } = answer;
  const { form } = served;
  const { representation } = presentation.accepted;
  const metadata = JSON.stringify(listMeta(answer));
  if (representation.form === 'object') {
    const envelope = served.isBuiltIn ? 'item' : 'typedItem';
    return {
      head: `{"kind":"${form.kind}List","apiVersion":"${form.apiVersion}","metadata":${metadata},"items":[`,
      tail: ']}\n',
      write: (out, entry) => jsonEncoding.write(out, entry, form, envelope),
    };
  }
  const meta = `"apiVersion":"meta.k8s.io/${representation.version}","metadata":${metadata}`;
  if (representation.form === 'table') {
    const now = presentation.now();
    const columns = columnDefinitions(served, (column) => presentation.describeColumn(served, column));
    return {
      head: `{"kind":"Table",${meta},"columnDefinitions":${JSON.stringify(columns)},"rows":[`,
      tail: ']}\n',
      write: (out, entry) =>
        out.text(JSON.stringify(tableRow(served, entry.peek(form), now, presentation.includeObject))),
    };
  }
  const { version } = representation;
  if (!representation.list) throw notAList(served);
  const isEmpty = answer.entries.length === 0;
  return {
    head: `{"kind":"PartialObjectMetadataList",${meta},"items":${isEmpty ? 'null' : '['}`,
    tail: isEmpty ? '}\n' : ']}\n',
    write: (out, entry) => out.text(JSON.stringify(partialMetadata(entry.peek(form), version))),
  };
}
