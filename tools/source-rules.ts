import { fileURLToPath } from 'node:url';
import { readSources } from './import-map/sources.ts';

/** A rule of docs/architecture.md that the linter has no words for. */
interface Rule {
  readonly pattern: RegExp;
  readonly message: string;
  /** Whether files at this path keep the rule. */
  applies(path: string): boolean;
}

const rules: readonly Rule[] = [
  {
    pattern: /\bnew Date\(\s*\)/,
    message: 'reads the clock: take a Clock and use now()',
    applies: (path) => !path.startsWith('src/base/') && !/^(tools|examples|test\/(e2e|bench))\//.test(path),
  },
  {
    pattern: /^\s*(?:export\s+)?(?:const\s+)?enum\s/,
    message: 'has an enum: use a union of strings',
    applies: (path) => path.startsWith('src/'),
  },
  {
    pattern: /\bnew URL\((?!.*import\.meta)|\bsearchParams\b|\bnew URLSearchParams\([^)]|\bparseQuery\(/,
    message: 'reads a path or query: what is authorized is the target of apiserver/request, and nothing else',
    applies: (path) => /^src\/apiserver\/(?!request\/)/.test(path) && !path.endsWith('.test.ts'),
  },
  {
    pattern: /^(before|after)Each\(/,
    message: 'has a hook that runs around the tests of all files of its process: put it into a describe',
    applies: (path) => path.endsWith('.test.ts'),
  },
];

/** Every breach of the rules, as a sentence that begins with file and line. */
export function sourceErrors(sources: ReadonlyMap<string, string>): string[] {
  const errors: string[] = [];
  for (const [path, text] of sources) {
    const own = /\.tsx?$/.test(path) ? rules.filter((rule) => rule.applies(path)) : [];
    if (own.length === 0) continue;
    for (const [index, line] of text.split('\n').entries()) {
      if (/^\s*(\/\/|\*|\/\*)/.test(line)) continue;
      for (const { pattern, message } of own) if (pattern.test(line)) errors.push(`${path}:${index + 1}: ${message}`);
    }
  }
  return errors;
}

if (import.meta.main) {
  const errors = sourceErrors(readSources(fileURLToPath(new URL('..', import.meta.url))));
  for (const error of errors) console.error(error);
  process.exitCode = errors.length === 0 ? 0 : 1;
}
