import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importMapErrors } from './import-map/check.ts';
import { readSources } from './import-map/sources.ts';

/** Checks the imports of the repository (or of the one at `--root`) against the map of docs/architecture.md. */
function main(): void {
  const { values } = parseArgs({ options: { root: { type: 'string' } } });
  const root = values.root ?? fileURLToPath(new URL('..', import.meta.url));
  const errors = importMapErrors(readSources(root));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length === 0 ? 0 : 1;
}

main();
