import assert from 'node:assert/strict';
import { prefixRange } from './range.ts';
import type { Change, Entry, Expected, LeaseId, Revision, Store, StoreEvent, TxnResult } from './store.ts';

/** All changes under the prefix after `after`, up to and with the revision `until`, in order. */
export async function changesUntil(store: Store, prefix: string, after: Revision, until: Revision): Promise<Change[]> {
  const stop = new AbortController();
  const changes: Change[] = [];
  for await (const event of store.watch(prefix, { after, signal: stop.signal })) {
    if (event.type === 'changes') changes.push(...event.changes);
    if (event.revision >= until) stop.abort();
  }
  return changes.filter((change) => change.modified <= until);
}

/** The next so many changes under the prefix after `after`. */
export async function nextChanges(store: Store, prefix: string, after: Revision, count: number): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const event of store.watch(prefix, { after, signal: new AbortController().signal })) {
    if (event.type === 'changes') changes.push(...event.changes);
    if (changes.length >= count) break;
  }
  return changes;
}

/** The first event of a new watch. */
export async function firstEvent(store: Store, prefix: string, after: Revision): Promise<StoreEvent | undefined> {
  for await (const event of store.watch(prefix, { after, signal: new AbortController().signal })) return event;
  return undefined;
}

/** The newest revision. */
export async function revisionOf(store: Store): Promise<Revision> {
  return (await store.read('/')).revision;
}

/** The keys under a prefix. */
export async function keys(store: Store, prefix: string, at?: Revision): Promise<string[]> {
  const { entries } = await store.range(prefixRange(prefix), at === undefined ? {} : { at });
  return entries.map((entry) => entry.key);
}

/** The entry of one key. */
export async function get(store: Store, key: string): Promise<Entry | undefined> {
  return (await store.read(key)).entry;
}

/** A put of a text. */
export function put(store: Store, key: string, value: string, expected: Expected = 'any', lease?: LeaseId) {
  return store.txn(key, expected, { put: bytes(value), ...(lease === undefined ? {} : { lease }) });
}

/** A put that must succeed; answers its revision. */
export async function putNow(store: Store, key: string, value: string, lease?: LeaseId): Promise<Revision> {
  return committed(await put(store, key, value, 'any', lease));
}

export function remove(store: Store, key: string, expected: Expected = 'any'): Promise<TxnResult> {
  return store.txn(key, expected, { delete: true });
}

/** A delete that must succeed; answers its revision. */
export async function removeNow(store: Store, key: string): Promise<Revision> {
  return committed(await remove(store, key));
}

function committed(result: TxnResult): Revision {
  assert.ok(result.committed);
  return result.revision;
}

/** The entry with its value as text. */
export function shown(entry: Entry | undefined): object | undefined {
  return entry && { key: entry.key, value: text(entry.value), created: entry.created, modified: entry.modified };
}

/** A change as text. */
export function told(change: Change): string {
  if (change.type === 'delete') return `delete ${change.key}@${change.modified}`;
  return `put ${change.key}=${text(change.value)}@${change.created}-${change.modified}`;
}

/** A text as a value. */
function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A value as text. */
export function text(value: Uint8Array | undefined): string | undefined {
  return value && new TextDecoder().decode(value);
}
