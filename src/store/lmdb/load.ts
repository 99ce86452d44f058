import type { Expiry } from '../expiry.ts';
import { History } from '../history.ts';
import { StoreOpenError, type StoreDatabase } from './database.ts';

/** Rebuilds the history from the file's records, and the alarms of what expires. */
export function loadHistory(database: StoreDatabase, path: string, expiry: Expiry): History {
  const oldest = database.oldest();
  const history = new History(oldest, ({ modified }) => database.value(modified));
  for (const version of database.versions()) {
    const { key, modified, ends } = version;
    if (modified <= oldest) history.restore(version);
    // This store counts every write.
    else if (modified === history.revision + 1) history.append(version);
    else throw new StoreOpenError(path, `it is damaged: revision ${history.revision + 1} is missing`);
    expiry.set(key, modified, ends);
  }
  return history;
}
