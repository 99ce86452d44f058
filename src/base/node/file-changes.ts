import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Calls back when a file may have changed, been made or been replaced. It is the folder that is watched: who replaces a file
 * makes another one of its name. A folder that cannot be watched is silent: for who looks now and then in any case.
 */
export function watchFile(file: string, onChange: () => void): Disposable {
  try {
    const watcher = watch(dirname(file), (_event, name) => {
      if (name === null || name === basename(file)) onChange();
    });
    watcher.on('error', () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    return { [Symbol.dispose]: () => {} };
  }
}
