import { systemClock } from '../../base/system-clock.ts';
import { prefixRange } from '../range.ts';
import { openLmdbStore } from './lmdb-store.ts';

/** The program of the failure test: writes until a commit fails, and says as JSON what it saw then. */
const failures: string[] = [];
const store = await openLmdbStore({
  path: process.argv[2]!,
  clock: systemClock,
  onFailure: (error) => failures.push(error.message),
});
let acknowledged = 0;
const errors = new Set<string>();
while (errors.size === 0) {
  const writes = Array.from({ length: 20 }, (_, i) =>
    store.txn(`/${acknowledged}-${i}`, 'any', { put: new Uint8Array(5000) }),
  );
  for (const outcome of await Promise.allSettled(writes)) {
    if (outcome.status === 'fulfilled') acknowledged++;
    else errors.add(`${(outcome.reason as Error).name}: ${(outcome.reason as Error).message}`);
  }
}
const later = await store.txn('/later', 'any', { put: new Uint8Array(1) }).catch((error: Error) => error.name);
const { entries, revision } = await store.range(prefixRange('/'));
console.log(JSON.stringify({ acknowledged, errors: [...errors], failures, later, entries: entries.length, revision }));
process.exit(0);
