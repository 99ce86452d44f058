import type { ByteWriter } from '../cache/byte-writer.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { jsonEncoding } from '../cache/encodings.ts';
import { isLarge } from '../large.ts';
import type { LargeTexts } from './large-texts.ts';
import { listShape, type ListShape } from './list-shape.ts';
import type { ListAnswer, Presentation } from './representation.ts';
import { writtenItem, writtenText, type TextForm } from './written-text.ts';

/** How a list becomes a text: what stands around the items, and one of them. */
export interface ListForm {
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  /** A promise where it takes so long that others do it; nothing else may be written before. */
  write(out: ByteWriter, entry: CachedObject): void | Promise<void>;
}

export function listForm(answer: ListAnswer, presentation: Presentation): ListForm {
  const { texts } = presentation;
  const { representation, mediaType, pretty } = presentation.accepted;
  const shape = listShape(answer, presentation);
  const isEmpty = answer.entries.length === 0;
  if (mediaType === 'application/yaml') return inYaml(shape, isEmpty, texts);
  if (pretty) return prettily(shape, isEmpty, texts);
  return compactly(shape, isEmpty, representation.form === 'object' ? writeStored(answer) : undefined);
}

/** The usual form: put together from bytes that are ready. */
function writeStored({ served }: ListAnswer): ListForm['write'] {
  const envelope = served.isBuiltIn ? 'item' : 'typedItem';
  return (out, entry) => jsonEncoding.write(out, entry, served.form, envelope);
}

function compactly({ envelope, key, empty, item }: ListShape, isEmpty: boolean, write?: ListForm['write']): ListForm {
  const open = `${JSON.stringify(envelope).slice(0, -1)},"${key}":`;
  return {
    head: isEmpty ? `${open}${JSON.stringify(empty)}` : `${open}[`,
    between: ',',
    tail: isEmpty ? '}\n' : ']}\n',
    write: write ?? ((out, entry) => out.text(JSON.stringify(item(entry)))),
  };
}

function prettily({ envelope, key, empty, item }: ListShape, isEmpty: boolean, texts: LargeTexts): ListForm {
  const open = `${JSON.stringify(envelope, undefined, 2).slice(0, -2)},\n  "${key}": `;
  return {
    head: isEmpty ? `${open}${JSON.stringify(empty)}` : `${open}[\n`,
    between: ',\n',
    tail: isEmpty ? '\n}\n' : '\n  ]\n}\n',
    write: (out, entry) => writeItem(out, entry, item, 'pretty', texts),
  };
}

/** Members stand in the order of their names, as everywhere in YAML. */
function inYaml({ envelope, key, empty, item }: ListShape, isEmpty: boolean, texts: LargeTexts): ListForm {
  const members = Object.entries(envelope);
  const part = (isWanted: (name: string) => boolean): string => {
    const some = members.filter(([name]) => isWanted(name));
    return some.length === 0 ? '' : writtenText(Object.fromEntries(some), 'yaml');
  };
  return {
    head: part((name) => name < key) + (isEmpty ? writtenText({ [key]: empty }, 'yaml') : `${key}:\n`),
    between: '',
    tail: part((name) => name > key),
    write: (out, entry) => writeItem(out, entry, item, 'yaml', texts),
  };
}

function writeItem(
  out: ByteWriter,
  entry: CachedObject,
  item: ListShape['item'],
  form: TextForm,
  texts: LargeTexts,
): void | Promise<void> {
  const value = item(entry);
  if (!isLarge(jsonEncoding.sizeOf(entry))) return out.text(writtenItem(value, form));
  const json = () => Buffer.from(JSON.stringify(value));
  return texts.written(json, form, true).then((text) => out.bytes(text));
}
