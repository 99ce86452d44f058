import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deal } from './deal.ts';

/** One thing that `npm run check` verifies. */
export interface Part {
  readonly name: string;
  /** The name of all parts that together run the tests of these folders; by it they are run alone. */
  readonly shareOf?: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** The files of tests that it runs; then its output must end with the summary of Node's test runner. */
  readonly testFiles?: readonly string[];
  /** Ended, and failed, when it takes longer. */
  readonly limitSeconds?: number;
  /** Left out, and told so, where less time is left of what all parts together may take. */
  readonly needsSeconds?: number;
  /** What to do when it fails, if the output does not say. */
  readonly advice?: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What takes much longer than another file, in seconds on a machine that does nothing else. It only deals files out
 * evenly: what is wrong here makes the check slower.
 */
export const longTests: Readonly<Record<string, number>> = {
  'src/api/protobuf.test.ts': 3,
  'src/http/bounds.test.ts': 3,
  'src/http/listen.test.ts': 3,
  'src/store/lmdb/kill.test.ts': 2,
  'src/store/lmdb/lmdb-store.test.ts': 7,
  'test/fuzz/fuzz.test.ts': 6,
  'test/integration/access/every-way.test.ts': 8,
  'test/integration/api/every-kind.test.ts': 3,
  'test/integration/api/full-disk.test.ts': 2,
  'test/integration/api/hostile-bodies.test.ts': 2,
  'test/integration/watch/contract.test.ts': 7,
  'test/scenarios/scenarios.test.ts': 13,
  'tools/launcher.test.ts': 4,
};
const shareLimitSeconds = 240;
/** A single test or hook that takes longer hangs: it fails by its name. */
const testLimitSeconds = 200;

/** Tests make much and keep little: with more room for what is new, an eighth less of their time goes to its collection. */
const roomForTheYoung = ['--min-semi-space-size=16', '--max-semi-space-size=32'];

const typesCache = 'node_modules/.cache/types.tsbuildinfo';

/** What takes too long for each check; `npm test` runs it, too. */
const apart = { scenarios: 'test/scenarios/long/long.test.ts', conformance: 'test/conformance/quick/quick.test.ts' };

function testsOf(patterns: readonly string[]): string[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  return files.filter((file) => !Object.values(apart).includes(file)).sort();
}

function testRun(name: string, options: readonly string[], files: readonly string[], limitSeconds: number): Part {
  const all = ['--test', ...options, '--test-reporter=spec', ...files];
  return { name, command: process.execPath, arguments: all, testFiles: files, limitSeconds };
}

/**
 * Tests in a few processes, each of many files: to load the program takes longer than most files of tests. There are a few
 * more shares than processors, so that none waits long for another at the end. A file that is not among the long tests is
 * taken to need `usualSeconds`.
 */
function sharedRun(name: string, patterns: readonly string[], shares: number, usualSeconds: number): Part[] {
  const files = testsOf(patterns).map((file) => ({ file, weight: longTests[file] ?? usualSeconds }));
  return deal(files, shares).map((share, index, all) => ({
    name: all.length === 1 ? name : `${name} ${index + 1}/${all.length}`,
    command: process.execPath,
    arguments: [...roomForTheYoung, 'tools/check/run-tests.ts', `--timeout=${testLimitSeconds}`, ...share],
    testFiles: share,
    limitSeconds: shareLimitSeconds,
    shareOf: name,
  }));
}

function tool(name: string, ...rest: string[]): Pick<Part, 'command' | 'arguments'> {
  return { command: process.execPath, arguments: [`tools/${name}.ts`, ...rest] };
}

/** Everything but the end-to-end tests; these parts run side by side. */
export const parts: readonly Part[] = [
  ...sharedRun('unit tests', ['src/**/*.test.ts'], 2, 0.05),
  ...sharedRun(
    'integration tests',
    ['tools/**/*.test.ts', 'test/{kit,integration,scenarios,fuzz,conformance}/**/*.test.ts'],
    3,
    0.5,
  ),
  // What the last run found of files that have not changed holds.
  { name: 'types', command: 'tsc', arguments: ['--noEmit', '--incremental', '--tsBuildInfoFile', typesCache] },
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

/** What `npm test` runs after the parts, one by one. */
export const afterwards: readonly Part[] = [
  testRun('long scenarios', [], [apart.scenarios], 300),
  // Against real clusters on this machine: one at a time, as each takes the whole machine.
  testRun('end-to-end tests', ['--test-concurrency=1'], testsOf(['test/e2e/**/*.test.ts']), 1500),
  // Where nothing of it was built before, most of the time goes to the build.
  { ...testRun('conformance', [], [apart.conformance], 900), needsSeconds: 720 },
];

/** How long everything may take together, from the start on. */
export const allSeconds = 1740;
