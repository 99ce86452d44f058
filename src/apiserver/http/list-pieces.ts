import type { Clock } from '../../base/clock.ts';
import { LongWork } from '../../base/turns.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import { jsonEncoding } from '../cache/encodings.ts';
import { listForm, type ListForm } from './list-form.ts';
import { pieceBytes } from './piece-buffers.ts';
import { listMeta, notAList, type ListAnswer, type Presentation } from './representation.ts';

/** Gives the buffer of a piece, of at least so many bytes. */
export type MakePiece = (bytes: number) => Buffer;

/**
 * A list as JSON or YAML, in pieces: what has not been asked for yet takes no memory besides the stored bytes, and others get
 * their turn in between. Throws NotAcceptable for the form of a single object, before anything is written.
 */
export function listPieces(
  answer: ListAnswer,
  presentation: Presentation,
  clock: Clock,
  make?: MakePiece,
): AsyncGenerator<Buffer, undefined> {
  return pieces(answer, listForm(answer, presentation), clock, make);
}

async function* pieces(
  answer: ListAnswer,
  { head, between, tail, write }: ListForm,
  clock: Clock,
  make: MakePiece | undefined,
): AsyncGenerator<Buffer, undefined> {
  const out = new ByteWriter(Math.min(pieceBytes, sizeOf(answer, pieceBytes) + head.length), make);
  const work = new LongWork(clock);
  out.text(head);
  for (let at = 0; at < answer.entries.length; at++) {
    if (at > 0) out.latin1(between);
    const entry = answer.entries[at]!;
    const written = write(out, entry);
    if (written !== undefined) await written;
    if (out.hasFull) yield* out.take();
    if (work.mustWait(entry.stored.length)) await work.next();
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
    if (work.mustWait(entry.stored.length)) await work.next();
  }
  const type =
    representation.form === 'object'
      ? { kind: form.listKind ?? `${form.kind}List`, apiVersion: form.apiVersion }
      : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${representation.version}` };
  const { head, tail } = protobuf.list(type, listMeta(answer), length);
  const out = new ByteWriter(Math.min(pieceBytes, head.length + length + tail.length), make);
  out.bytes(head);
  for (const entry of answer.entries) {
    encoding.write(out, entry, form, 'item');
    if (out.hasFull) yield* out.take();
    if (work.mustWait(entry.stored.length)) await work.next();
  }
  out.bytes(tail);
  yield* out.finish();
  return undefined;
}

/** Whether a list is answered in pieces; small ones leave in one. */
export function isInPieces(answer: ListAnswer): boolean {
  return sizeOf(answer, pieceBytes) > pieceBytes;
}

/** About how many bytes; more than `enough` are not counted. */
function sizeOf({ entries }: ListAnswer, enough: number): number {
  let size = 256;
  for (let at = 0; at < entries.length && size <= enough; at++) size += jsonEncoding.sizeOf(entries[at]!);
  return size;
}
