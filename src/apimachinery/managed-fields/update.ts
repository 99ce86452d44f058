import { wholeOf, type Steps } from '../../base/in-steps.ts';
import { emptyValue } from '../decode/shape.ts';
import type { ManagedFieldsEntry, ObjectMeta } from '../object.ts';
import type { Structure } from '../structure.ts';
import {
  areEntries,
  capped,
  fieldsOfEntry,
  isOwn,
  isReset,
  newEntry,
  sorted,
  walkFor,
  withFields,
  type Writer,
} from './entries.ts';
import { difference, fieldSetOf, isEmptySet, union, type FieldSet } from './field-set.ts';
import { Comparisons, type OtherVersions } from './other-versions.ts';

/** What the server itself writes: nobody ever owns it. */
const serverFields = fieldSetOf(
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.creationTimestamp',
  'metadata.selfLink',
  'metadata.uid',
  'metadata.clusterName',
  'metadata.generation',
  'metadata.managedFields',
  'metadata.resourceVersion',
);

/** An object with metadata; nothing else of it is known here. */
export interface Managed {
  readonly metadata: Readonly<Pick<ObjectMeta, 'managedFields' | 'annotations'>>;
}

export interface UpdateRequest extends Writer {
  /** The stored object; absent on a create. */
  readonly live?: Managed;
  /** What is to be stored: decoded and with defaults, but before admission and before the server's own changes. */
  readonly object: Managed;
  readonly structure: Structure;
  /** For a stored object that others may have written in other versions. */
  readonly versions?: OtherVersions | undefined;
  /** Fields that this endpoint does not write, from {@link resetFields}. */
  readonly ignored?: FieldSet;
}

/** A set for `ignored`, of dotted paths: `resetFields('status')` for a main endpoint, `resetFields('spec')` for status. */
export function resetFields(...paths: readonly string[]): FieldSet {
  return union(serverFields, fieldSetOf(...paths));
}

/**
 * `metadata.managedFields` after a create, update or patch (not apply): the writer owns what it brought in or changed,
 * nobody owns what is gone. `undefined` when nothing is tracked. Changes nothing, and answers the very list of `live`
 * when all managers keep what they had.
 */
export function managedFieldsAfterUpdate(request: UpdateRequest): readonly ManagedFieldsEntry[] | undefined {
  return wholeOf(updatingManagedFields(request));
}

/** The same in turns, for what is large. */
export function* updatingManagedFields(request: UpdateRequest): Steps<readonly ManagedFieldsEntry[] | undefined> {
  const { live, object, structure } = request;
  const entries = entriesBefore(request);
  // Who has switched tracking off, by removing all entries, keeps it off.
  if (entries.length === 0 && live !== undefined) return undefined;
  const after = yield* afterUpdate(entries, live ?? nothingOf(structure), object, request);
  return after.length === 0 ? undefined : after;
}

const nothings = new WeakMap<Structure, unknown>();

/** What an object of the type is before it is created. */
function nothingOf(structure: Structure): unknown {
  let nothing = nothings.get(structure);
  if (nothing === undefined) nothings.set(structure, (nothing = emptyValue(structure)));
  return nothing;
}

/** The entries to start from: those that the client sent, when they can be, or those of the stored object. */
function entriesBefore({ live, object, subresource }: UpdateRequest): readonly ManagedFieldsEntry[] {
  const own = live?.metadata.managedFields ?? [];
  const sent = object.metadata.managedFields;
  if (subresource || sent === undefined || sent === null || sent.length === 0 || sent === own) return own;
  if (isReset(sent)) return [];
  return areEntries(sent) && sent.some((entry) => !isEmptySet(fieldsOfEntry(entry))) ? sent : own;
}

/** Entries after `before` became `after`; the same list when none changed. */
export function* afterUpdate(
  entries: readonly ManagedFieldsEntry[],
  before: unknown,
  after: unknown,
  request: Pick<UpdateRequest, 'structure' | 'ignored' | 'versions'> & Writer,
): Steps<readonly ManagedFieldsEntry[]> {
  const comparisons = new Comparisons(before, after, { ...request, ignored: request.ignored ?? serverFields });
  const own = yield* comparisons.own();
  const { taken, removed } = own;
  if (isEmptySet(taken) && isEmptySet(removed)) return entries;
  yield;

  const walk = walkFor(entries);
  let previous: ManagedFieldsEntry | undefined;
  const left: ManagedFieldsEntry[] = [];
  let isChanged = !isEmptySet(taken);
  for (const entry of entries) {
    const isMine = isOwn(entry, request, 'Update');
    const fields = fieldsOfEntry(entry);
    const theirs = isMine ? own : yield* comparisons.of(entry.apiVersion);
    const kept = difference(isMine ? fields : difference(fields, theirs.taken, walk), theirs.removed, walk);
    const next = withFields(entry, kept);
    if (next !== entry) isChanged = true;
    if (isMine) previous = next;
    if (next !== undefined && !(isMine && !isEmptySet(taken))) left.push(next);
    yield;
  }
  if (!isChanged) return entries;
  if (!isEmptySet(taken)) {
    const fields = previous === undefined ? taken : union(fieldsOfEntry(previous), taken);
    yield;
    left.push(newEntry(request, 'Update', request.time, fields));
  }
  return sorted(capped(left));
}
