import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Sources } from './check.ts';

/** All files under `src`, `test`, `tools` and `examples` of the repository at `root`; folders may be missing. */
export function readSources(root: string): Sources {
  const sources = new Map<string, string>();
  for (const top of ['src', 'test', 'tools', 'examples']) {
    for (const file of filesUnder(join(root, top))) {
      const path = relative(root, file).split(sep).join('/');
      sources.set(path, /\.(tsx?|json)$/.test(path) ? readFileSync(file, 'utf8') : '');
    }
  }
  return sources;
}

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
