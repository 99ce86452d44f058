import { refused } from '../../apimachinery/status.ts';
import type { Entry } from '../../store/store.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { unreadableReason } from '../encryption/unreadable.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { storageKey } from '../catalog/served-version.ts';

/**
 * How often a write that lost a race is computed anew. Upstream tries until the request times out; each try of a race
 * that is lost means that another write of the same object went through.
 */
const raceTries = 64;

/** What came of one try: an answer, or what another write has left meanwhile (`undefined`: nothing). */
export type Outcome = { readonly answer: Answer } | { readonly current: Entry | undefined };

/** The object at its key, as one try finds it. */
export interface Origin {
  readonly key: string;
  readonly entry: CachedObject | undefined;
}

/**
 * Repeats `attempt` on what is stored under the name of the request until it has an answer. Everything that depends on
 * the stored object belongs into the attempt, admission too: it is another object each time, and never the same again.
 */
export async function guaranteedUpdate(
  core: Core,
  operation: Operation,
  attempt: (origin: Origin) => Promise<Outcome>,
): Promise<Answer> {
  const { served } = operation;
  const { namespace, name } = keyOfOperation(operation);
  const key = storageKey(served, namespace, name);
  let entry = core.cache.kind(served.prefix).get(key);
  for (let tries = 1; ; tries++) {
    const unready = entry && served.form.conversion?.ready([entry]);
    if (unready !== undefined) await unready;
    const outcome = await attempt({ key, entry });
    if ('answer' in outcome) return outcome.answer;
    if (tries === raceTries) throw refused.stale(served.type, name);
    entry = outcome.current && cachedEntry(outcome.current, served.prefix.length);
  }
}

/** An entry of the store. Throws InternalError for what cannot be read. */
export function cachedEntry({ key, value, created, modified }: Entry, prefixLength: number): CachedObject {
  const reason = unreadableReason(value);
  if (reason !== undefined) throw refused.internal(reason);
  return new CachedObject(key, prefixLength, value, created, modified);
}
