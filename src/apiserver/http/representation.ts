import type { Clock } from '../../base/clock.ts';
import { inSteps } from '../../base/in-steps.ts';
import { Turns } from '../../base/turns.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { writingJson } from '../../apimachinery/writing-json.ts';
import { refused } from '../../apimachinery/status.ts';
import { ByteWriter } from '../cache/byte-writer.ts';
import { internalGoType } from '../catalog/go-type.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { jsonEncoding } from '../cache/encodings.ts';
import { smallBuffer } from '../cache/slab.ts';
import { measuredList } from '../rest/measured.ts';
import type { Answer } from '../rest/operation.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import {
  bookmarkRow,
  columnDefinitions,
  partialMetadata,
  tableRow,
  type IncludeObject,
  type TableRow,
} from '../rest/table.ts';
import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';
import type { Accepted, TextMediaType } from './negotiate.ts';
import type { LargeTexts } from './large-texts.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import { writtenText } from './written-text.ts';

export type ListAnswer = Answer & { readonly kind: 'list' };

/** What turns an answer into bytes needs to know of the request. */
export interface Presentation {
  readonly accepted: Accepted;
  readonly includeObject: IncludeObject;
  /** Milliseconds since the epoch, for ages. */
  now(): number;
  describeColumn(served: ServedVersion, column: string): string;
  readonly protobuf: ProtobufForms;
  readonly texts: LargeTexts;
}

/** The bytes of an answer in the form that the client accepts; lists are written by `listPieces`. */
export function represent(answer: Answer, presentation: Presentation): Buffer {
  const { representation, mediaType, pretty } = presentation.accepted;
  if (mediaType === 'application/json' && !pretty && representation.form === 'object') return plain(answer);
  if (mediaType === protobufMediaType) return inProtobuf(answer, presentation);
  return encoded(valueOf(answer, presentation), mediaType, pretty);
}

/** The same for what is large and has to be written: in steps. `undefined`: it is short, or its bytes are ready. */
export function representInSteps(
  answer: Answer,
  { accepted }: Presentation,
  clock: Clock,
): Promise<Buffer> | undefined {
  const { representation, mediaType } = accepted;
  if (answer.kind !== 'object' || answer.isLarge !== true || answer.object instanceof CachedObject) return undefined;
  if (mediaType !== 'application/json' || representation.form !== 'object') return undefined;
  return written(typed(answer.served, answer.object), Turns.of(clock));
}

async function written(object: Readonly<KubeObject>, turns: Turns): Promise<Buffer> {
  return Buffer.from(`${await inSteps(turns, writingJson(object))}\n`);
}

function inProtobuf(answer: Answer, presentation: Presentation): Buffer {
  const { accepted, protobuf } = presentation;
  if (answer.kind !== 'object' || !(answer.object instanceof CachedObject))
    return protobuf.value(valueOf(answer, presentation) as KubeObject & { kind: string; apiVersion: string });
  const { representation } = accepted;
  if (representation.form === 'metadata' && representation.list) throw notAnObject(answer.served);
  const encoding = protobuf.encoding(representation);
  const out = new ByteWriter(encoding.sizeOf(answer.object), smallBuffer);
  encoding.write(out, answer.object, answer.served.form, 'object');
  return out.finishWhole();
}

export function encoded(value: unknown, mediaType: TextMediaType, pretty: boolean): Buffer {
  if (mediaType === 'application/yaml') return Buffer.from(writtenText(value, 'yaml'));
  return Buffer.from(pretty ? writtenText(value, 'pretty') : `${JSON.stringify(value)}\n`);
}

/** The usual form, put together from bytes that are ready. */
function plain(answer: Answer): Buffer {
  if (answer.kind === 'value') return encoded(answer.value, 'application/json', false);
  if (answer.kind === 'object') {
    const { object } = answer;
    const { form } = answer.served;
    if (!(object instanceof CachedObject)) return encoded(typed(answer.served, object), 'application/json', false);
    if (form.convert !== undefined) return encoded(object.object(form), 'application/json', false);
    const out = new ByteWriter(jsonEncoding.sizeOf(object), smallBuffer);
    jsonEncoding.write(out, object, form, 'object');
    return out.finishWhole();
  }
  if (answer.kind === 'measured') return encoded(measuredList(answer), 'application/json', false);
  throw new Error('Cannot represent a list at once: it is written in pieces');
}

/** The answer as a value, for forms that are rarely asked for. */
export function valueOf(answer: Answer, presentation: Presentation): unknown {
  const { representation } = presentation.accepted;
  if (answer.kind === 'value') return answer.value;
  if (answer.kind === 'object') {
    const object = decoded(answer.served, answer.object);
    if (representation.form === 'table')
      return table(answer.served, [object], { resourceVersion: object.metadata.resourceVersion }, presentation);
    if (representation.form !== 'metadata') return object;
    if (representation.list) throw notAnObject(answer.served);
    return partialMetadata(object, representation.version);
  }
  if (answer.kind === 'list') throw new Error('Cannot represent a list at once: it is written in pieces');
  const { served } = answer;
  const objects = answer.objects.map((one) => typed(served, one));
  if (representation.form === 'table') return table(served, objects, {}, presentation);
  if (representation.form !== 'metadata') return measuredList(answer);
  if (!representation.list) throw notAList(served);
  const items = objects.map((object) => partialMetadata(object, representation.version));
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${representation.version}`,
    metadata: {},
    items: items.length === 0 ? null : items,
  };
}

/** The metadata of one object was asked for, where a list is. */
export function notAList(served: ServedVersion): Error {
  return wrongShape('PartialObjectMetadata', 'a list', `${goType(served)}List`);
}

function notAnObject(served: ServedVersion): Error {
  return wrongShape('PartialObjectMetadataList', 'not a list', goType(served));
}

function wrongShape(asked: string, is: string, type: string): Error {
  return refused.other(406, 'NotAcceptable', `you requested ${asked}, but the requested object is ${is} (${type})`);
}

/** What upstream's messages call an object of a kind. */
function goType({ type, isBuiltIn }: ServedVersion): string {
  return isBuiltIn ? `*${internalGoType(type)}` : '*unstructured.Unstructured';
}

export function table(
  served: ServedVersion,
  objects: readonly Readonly<KubeObject>[],
  metadata: object,
  presentation: Presentation,
  withColumns = true,
) {
  const at = presentation.now();
  const rows = objects.map((object) => tableRow(served, object, at, presentation.includeObject));
  return tableOf(served, rows, metadata, presentation, withColumns);
}

/** A bookmark in a watch of Tables. */
export function bookmarkTable(
  served: ServedVersion,
  bookmark: Readonly<KubeObject>,
  presentation: Presentation,
  withColumns: boolean,
) {
  const { resourceVersion } = bookmark.metadata;
  const row = bookmarkRow(served, bookmark, presentation.includeObject);
  return tableOf(served, [row], { resourceVersion }, presentation, withColumns);
}

function tableOf(
  served: ServedVersion,
  rows: readonly TableRow[],
  metadata: object,
  { accepted, describeColumn }: Presentation,
  withColumns: boolean,
) {
  const version = accepted.representation.form === 'table' ? accepted.representation.version : 'v1';
  const columns = withColumns ? columnDefinitions(served, (column) => describeColumn(served, column)) : null;
  return { kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata, columnDefinitions: columns, rows };
}

export function listMeta(answer: ListAnswer) {
  const { revision, continue: token, remaining } = answer;
  return {
    resourceVersion: String(revision),
    ...(token === undefined ? {} : { continue: token }),
    ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
  };
}

function decoded(served: ServedVersion, object: CachedObject | Readonly<KubeObject>): Readonly<KubeObject> {
  return object instanceof CachedObject ? object.object(served.form) : typed(served, object);
}

/** With kind and apiVersion in front, as clients expect them. */
function typed({ type, apiVersion }: ServedVersion, object: Readonly<KubeObject>): Readonly<KubeObject> {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return { kind: type.kind, apiVersion, ...rest };
}
