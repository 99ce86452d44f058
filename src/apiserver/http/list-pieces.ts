import type { Clock } from '../../base/clock.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { jsonEncoding } from '../cache/encodings.ts';
import type { Answer } from '../rest/operation.ts';
import { columnDefinitions, partialMetadata, tableRow } from '../rest/table.ts';
import { listMeta, notAList, type Presentation } from './representation.ts';
import { Turns } from './turns.ts';

export type ListAnswer = Answer & { readonly kind: 'list' };

/** Bytes of one piece, about. */
const pieceBytes = 256 * 1024;

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
): AsyncGenerator<Buffer, undefined> {
  return pieces(answer, formOf(answer, presentation), clock);
}

async function* pieces(
  answer: ListAnswer,
  { head, tail, write }: ListForm,
  clock: Clock,
): AsyncGenerator<Buffer, undefined> {
  const out = new ByteWriter(Math.min(pieceBytes, sizeOf(answer) + head.length));
  const turns = new Turns(clock);
  out.text(head);
  for (let at = 0; at < answer.entries.length; at++) {
    if (at > 0) out.latin1(',');
    write(out, answer.entries[at]!);
    yield* out.take();
    if (turns.isOver) await turns.next();
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
): AsyncGenerator<Buffer, undefined> {
  const { representation } = presentation.accepted;
  if (representation.form === 'metadata' && !representation.list) throw notAList(answer.served);
  return protobufPieces(answer, presentation, clock);
}

async function* protobufPieces(
  answer: ListAnswer,
  { accepted, protobuf }: Presentation,
  clock: Clock,
): AsyncGenerator<Buffer, undefined> {
  const { form } = answer.served;
  const { representation } = accepted;
  const encoding = protobuf.encoding(representation);
  const turns = new Turns(clock);
  let length = 0;
  for (const entry of answer.entries) {
    length += encoding.itemLength(entry, form);
    if (turns.isOver) await turns.next();
  }
  const type =
    representation.form === 'object'
      ? { kind: `${form.kind}List`, apiVersion: form.apiVersion }
      : { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${representation.version}` };
  const { head, tail } = protobuf.list(type, listMeta(answer), length);
  const out = new ByteWriter(Math.min(pieceBytes, head.length + length + tail.length));
  out.bytes(head);
  for (const entry of answer.entries) {
    encoding.write(out, entry, form, 'item');
    yield* out.take();
    if (turns.isOver) await turns.next();
  }
  out.bytes(tail);
  yield* out.finish();
  return undefined;
}

/** Whether a list is answered in pieces; small ones leave in one. */
export function isLarge(answer: ListAnswer): boolean {
  return sizeOf(answer) > pieceBytes / 2;
}

function sizeOf({ entries }: ListAnswer): number {
  let size = 256;
  for (const entry of entries) size += jsonEncoding.sizeOf(entry);
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
