import type { FieldSet } from './managed-fields/field-set.ts';
import { textOf } from './managed-fields/shared-set.ts';
import { MemberTexts, noteMembers, type MemberRange } from './member-texts.ts';
import type { KubeObject, ManagedFieldsEntry } from './object.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An object as it is stored already. */
export interface Stored {
  readonly object: Readonly<KubeObject>;
  readonly bytes: Uint8Array;
}

/**
 * The form in which objects are stored: JSON with metadata first, without kind, apiVersion and resourceVersion. These
 * three are spliced in when the bytes are sent, because the revision is not known before the commit and list items carry
 * no kind. The bytes are in a buffer of their own: they live long, and must not hold a shared slab alive. Members that
 * are the very ones of `before` are copied from its bytes; where they are in the answer is remembered, as who is written
 * over once will be again. `label`: an apiVersion that is written before all, for kinds whose objects are not all stored in
 * the same version ({@link labelOf}).
 */
export function encodeStored(object: KubeObject, before?: Stored, label?: string): Uint8Array {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const labelled = label === undefined ? '' : `${labelHead}${label}",`;
  let text = `{${labelled}"metadata":${metadataText(metadata)}`;
  let known: MemberTexts | undefined;
  const members: MemberRange[] = [];
  for (const name in rest) {
    const value = (rest as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const same = isSame(name, value, before) ? (known ??= new MemberTexts(before!.bytes)).get(name) : undefined;
    text += `,${JSON.stringify(name)}:`;
    const start = text.length;
    text += same ?? JSON.stringify(value);
    if (before !== undefined) members.push({ name, start, end: text.length });
  }
  const bytes = encoder.encode(`${text}}`);
  // Else some letters are more than a byte.
  if (before !== undefined && bytes.length === text.length + 1) noteMembers(bytes, members);
  return bytes;
}

const labelHead = '"apiVersion":"';
const metadataHead = '{"metadata":{'.length;
const [quote, letterA] = [0x22, 0x61];

/** The apiVersion that stands in stored bytes; most say none. */
export function labelOf(bytes: Uint8Array): string | undefined {
  if (bytes[2] !== letterA) return undefined;
  const start = 1 + labelHead.length;
  return decoder.decode(bytes.subarray(start, bytes.indexOf(quote, start)));
}

/** Where in stored bytes the first member of the metadata begins. */
export function metadataStart(bytes: Uint8Array): number {
  if (bytes[2] !== letterA) return metadataHead;
  return bytes.indexOf(quote, 1 + labelHead.length) + 1 + metadataHead;
}

function isSame(name: string, value: unknown, before: Stored | undefined): boolean {
  if (before === undefined || typeof value !== 'object' || value === null) return false;
  return (before.object as unknown as Record<string, unknown>)[name] === value;
}

/** Managed fields come last, as in Kubernetes. */
function metadataText(metadata: KubeObject['metadata']): string {
  const { resourceVersion: _resourceVersion, managedFields, ...kept } = metadata;
  const text = JSON.stringify(kept);
  if (managedFields === undefined) return text;
  const entries = `"managedFields":[${managedFields.map(entryText).join(',')}]}`;
  return text === '{}' ? `{${entries}` : `${text.slice(0, -1)},${entries}`;
}

function entryText(entry: ManagedFieldsEntry): string {
  const { fieldsV1, subresource, ...first } = entry;
  let text = JSON.stringify(first).slice(0, -1);
  if (fieldsV1 !== undefined) text += `${text === '{' ? '' : ','}"fieldsV1":${textOf(fieldsV1 as FieldSet)}`;
  if (subresource !== undefined) text += `${text === '{' ? '' : ','}"subresource":${JSON.stringify(subresource)}`;
  return `${text}}`;
}
