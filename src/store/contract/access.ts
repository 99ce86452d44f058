import { keyRange, prefixRange } from '../range.ts';
import type { Change, Entry, Expected, Revision, Store, StoreEvent } from '../store.ts';

/** All changes under the prefix after `after`, up to and with the revision `until`, in order. */
export async function changesUntil(store: Store, prefix: string, after: Revision, until: Revision): Promise<Change[]> {
  const stop = new AbortController();
  const changes: Change[] = [];
  for await (const event of store.watch(prefix, { after, signal: stop.signal })) {
    if (event.type === 'changes') changes.push(...event.changes);
    if (event.revision >= until) stop.abort();
  }
  return changes.filter((change) => change.entry.modified <= until);
}

/** The first event of a new watch. */
export async function firstEvent(store: Store, prefix: string, after: Revision): Promise<StoreEvent | undefined> {
  for await (const event of store.watch(prefix, { after, signal: new AbortController().signal })) return event;
  return undefined;
}

/** The keys under a prefix. */
export async function keys(store: Store, prefix: string, at?: Revision): Promise<string[]> {
  const { entries } = await store.list(prefixRange(prefix), at === undefined ? {} : { at });
  return entries.map((entry) => entry.key);
}

/** The entry of one key. */
export async function get(store: Store, key: string): Promise<Entry | undefined> {
  return (await store.list(keyRange(key))).entries[0];
}

/** A put of a text. */
export function put(store: Store, key: string, value: string, expected?: Expected): ReturnType<Store['put']> {
  return store.put(key, bytes(value), { expected });
}

/** The entry with its value as text. */
export function shown(entry: Entry | undefined): object | undefined {
  return entry && { key: entry.key, value: text(entry.value), created: entry.created, modified: entry.modified };
}

/** A text as a value. */
export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** A value as text. */
export function text(value: Uint8Array | undefined): string | undefined {
  return value && new TextDecoder().decode(value);
}
