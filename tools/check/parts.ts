import { availableParallelism } from 'node:os';

/** One thing that `npm run check` verifies. */
export interface Part {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Its output ends with the summary of Node's test runner. */
  readonly isTest?: boolean;
  /** Ended, and failed, when it takes longer. */
  readonly limitSeconds?: number;
  /** What to do when it fails, if the output does not say. */
  readonly advice?: string;
}

function testRun(name: string, options: readonly string[], patterns: readonly string[], limitSeconds: number): Part {
  const all = ['--test', ...options, '--test-reporter=spec', ...patterns];
  return { name, command: process.execPath, arguments: all, isTest: true, limitSeconds };
}

function tool(name: string, ...rest: string[]): Pick<Part, 'command' | 'arguments'> {
  return { command: process.execPath, arguments: [`tools/${name}.ts`, ...rest] };
}

/** Everything but the end-to-end tests; these parts run side by side. */
export const parts: readonly Part[] = [
  // In one process: starting one for each file takes three times as long as the tests themselves.
  testRun('unit tests', ['--test-isolation=none'], ['src/**/*.test.ts'], 120),
  testRun(
    'integration tests',
    [`--test-concurrency=${availableParallelism()}`],
    ['tools/**/*.test.ts', 'test/{kit,integration,scenarios,fuzz}/**/*.test.ts'],
    180,
  ),
  { name: 'types', command: 'tsc', arguments: ['--noEmit'] },
  { name: 'page types', command: 'tsc', arguments: ['--noEmit', '--project', 'src/dashboard/page'] },
  { name: 'lint', command: 'oxlint', arguments: ['--type-aware', '--quiet', '--format=unix'] },
  { name: 'import map', ...tool('import-map') },
  { name: 'source rules', ...tool('source-rules') },
  { name: 'unused exports', ...tool('unused-exports') },
  { name: 'dependencies', ...tool('dependencies') },
  { name: 'lockfile', ...tool('lockfile', '--check') },
  { name: 'generated files', ...tool('generate', '--check') },
  {
    name: 'formatting',
    command: 'oxfmt',
    arguments: ['--check', 'src', 'test', 'tools', 'examples'],
    advice: 'npm run format',
  },
];

/** Against real clusters on this machine: one at a time, as each takes the whole machine. */
export const endToEnd: Part = testRun('end-to-end tests', ['--test-concurrency=1'], ['test/e2e/**/*.test.ts'], 1500);
