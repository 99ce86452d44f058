import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readFacts } from './generate/facts.ts';
import { generateResources } from './generate/resources.ts';
import { generateTypes } from './generate/types.ts';

const root = new URL('..', import.meta.url);

/** Every generated file that is committed: its text by its path from the root. */
export function generateAll(): Map<string, string> {
  const facts = readFacts(new URL('facts/', root));
  const files = new Map<string, string>();
  for (const [folder, text] of generateTypes(facts)) files.set(`src/api/${folder}/types.ts`, text);
  files.set('src/api/resources.ts', generateResources(facts));
  return files;
}

/** The paths whose committed text is not what the generator makes of the facts. */
export function staleFiles(files: ReadonlyMap<string, string>, read: (path: string) => string | undefined): string[] {
  return [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch {
    return undefined;
  }
}

function main(): void {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const files = generateAll();
  const stale = staleFiles(files, readOrNothing);
  if (values.check) {
    for (const path of stale) console.error(`${path} differs from what the facts give: run \`npm run generate\``);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  for (const path of stale) {
    const target = fileURLToPath(new URL(path, root));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, files.get(path)!);
    console.log(`wrote ${path}`);
  }
}

if (import.meta.main) main();
