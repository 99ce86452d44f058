import type { ManagedFieldsEntry } from '../object.ts';
import { parseTime } from '../time.ts';
import { inOrder } from './field-order.ts';
import { isShared } from './shared-set.ts';
import { isEmptySet, isFieldSet, unionOf, type FieldSet } from './field-set.ts';

/** Who writes, as the entries of `metadata.managedFields` tell managers apart. */
export interface Writer {
  /** `fieldManager` of the request, or the first word of its user agent. */
  readonly manager: string;
  /** Of the object as it was sent: `apps/v1`. */
  readonly apiVersion: string;
  /** Absent for the main endpoint. */
  readonly subresource?: string;
  /** RFC 3339. */
  readonly time: string;
}

/** The fields of an entry. */
export function fieldsOfEntry(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? {}) as FieldSet;
}

/** The entry with other fields; the very same one when nothing changed, `undefined` when it has none left. */
export function withFields(entry: ManagedFieldsEntry, fields: FieldSet): ManagedFieldsEntry | undefined {
  if (isEmptySet(fields)) return undefined;
  return fields === entry.fieldsV1 ? entry : { ...entry, fieldsV1: fields };
}

/** Members in the order in which Kubernetes writes them. */
export function newEntry(
  { manager, apiVersion, subresource }: Omit<Writer, 'time'>,
  operation: 'Apply' | 'Update',
  time: string | undefined,
  fields: FieldSet,
): ManagedFieldsEntry {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: (isShared(fields) ? fields : inOrder(fields)) as ManagedFieldsEntry['fieldsV1'],
    ...(subresource ? { subresource } : {}),
  };
}

/** Whether the entry is that of the writer. Who applies has one entry for all versions. */
export function isOwn(entry: ManagedFieldsEntry, writer: Omit<Writer, 'time'>, operation: 'Apply' | 'Update'): boolean {
  return (
    entry.operation === operation &&
    entry.manager === (writer.manager === '' ? 'unknown' : writer.manager) &&
    (entry.subresource ?? '') === (writer.subresource ?? '') &&
    (operation === 'Apply' || entry.apiVersion === writer.apiVersion)
  );
}

/** Whether a client may have meant what it sent as managed fields; entries that cannot be are ignored as a whole. */
export function areEntries(entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.every(
    ({ operation, fieldsType, fieldsV1 }) =>
      (operation === 'Apply' || operation === 'Update') &&
      fieldsType === 'FieldsV1' &&
      (fieldsV1 === undefined || isFieldSet(fieldsV1)),
  );
}

/** A list of one empty entry asks to forget all managers. */
export function isReset(entries: readonly ManagedFieldsEntry[]): boolean {
  return entries.length === 1 && Object.values(entries[0]!).every((value) => value === undefined);
}

/** Appliers first; the oldest first; then by name. */
export function sorted(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return entries.length < 2 ? [...entries] : [...entries].sort(compareEntries);
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  if (a.operation !== b.operation) return a.operation === 'Apply' ? -1 : 1;
  const times = a.time === b.time ? 0 : compareTimes(a, b);
  return (
    times ||
    compareTexts(a.manager, b.manager) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  );
}

/** Times in the form in which they are stored, `2026-01-02T03:04:05Z`, compare as texts. */
function compareTimes(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  if (a.time?.length === storedLength && b.time?.length === storedLength) return compareTexts(a.time, b.time);
  return secondsOf(a) - secondsOf(b);
}

const storedLength = '2026-01-02T03:04:05Z'.length;

function secondsOf({ time }: ManagedFieldsEntry): number {
  return Math.floor((parseTime(time) ?? 0) / 1000);
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const maximumUpdaters = 10;
const ancient = 'ancient-changes';

/** Joins the oldest updaters of a version until there are ten at most, so that the list cannot grow without end. */
export function capped(entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  let updaters = entries.reduce((count, { operation }) => (operation === 'Update' ? count + 1 : count), 0);
  if (updaters <= maximumUpdaters) return entries;
  const oldestFirst = sorted(entries).filter(({ operation }) => operation === 'Update');
  const joined = new Map<string, ManagedFieldsEntry[]>();
  for (const entry of oldestFirst) {
    if (updaters <= maximumUpdaters) break;
    const version = entry.apiVersion ?? '';
    const others = joined.get(version);
    if (others === undefined) {
      joined.set(version, [entry]);
    } else {
      others.push(entry);
      updaters--;
    }
  }
  const left = new Set(entries);
  for (const [version, group] of joined) {
    if (group.length === 1) continue;
    for (const entry of group) left.delete(entry);
    const writer = { manager: ancient, apiVersion: version };
    left.add(newEntry(writer, 'Update', group.at(-1)!.time, unionOf(group.map(fieldsOfEntry))));
  }
  return [...left];
}

/** So many entries are ordinary; of more, each is walked itself, however much has changed. */
const fewEntries = 32;

/** How to take the same fields from each of the entries. */
export function walkFor(entries: readonly ManagedFieldsEntry[]): 'a' | undefined {
  return entries.length > fewEntries ? 'a' : undefined;
}
