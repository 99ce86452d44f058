import { writeSync } from 'node:fs';
import { systemClock } from '../../base/system-clock.ts';
import type { Store } from '../store.ts';
import { openLmdbStore } from './lmdb-store.ts';

/**
 * The program that the kill test kills: writes as fast as it can, and says on standard output what was acknowledged
 * (`acknowledged REVISION KEY VALUE`) and what a watcher that resumes at a revision has seen (`seen REVISION KEY VALUE`).
 */
const [path, round, resumeAt] = process.argv.slice(2) as [string, string, string];

const store = await openLmdbStore({ path, clock: systemClock });
void watch(store);
for (let writer = 0; writer < 16; writer++) void write(store, writer);

async function write(store: Store, writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `/key-${(writer * 31 + i) % 50}`;
    if (i % 7 === 6) {
      const result = await store.txn(key, 'any', { delete: true });
      if (result.committed) say(`acknowledged ${result.revision} ${key} deleted`);
      continue;
    }
    const value = `${round}-${writer}-${i}`;
    const { revision } = await store.txn(key, 'any', { put: Buffer.from(value.padEnd(1500)) });
    say(`acknowledged ${revision} ${key} ${value}`);
  }
}

async function watch(store: Store): Promise<void> {
  for await (const event of store.watch('/', { after: Number(resumeAt), signal: new AbortController().signal })) {
    if (event.type === 'progress') continue;
    for (const change of event.changes) {
      const what = change.type === 'delete' ? 'deleted' : Buffer.from(change.value).toString().trim();
      say(`seen ${change.modified} ${change.key} ${what}`);
    }
  }
}

function say(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
