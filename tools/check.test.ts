import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { deal } from './check/deal.ts';
import { afterwards, longTests, parts } from './check/parts.ts';
import { run, runAll } from './check/run.ts';
import { countLines, countsOf, failuresOf, sumOf } from './check/summary.ts';

function part(name: string, script: string) {
  return { name, command: process.execPath, arguments: ['-e', script] };
}

test('a part passes by its exit code, and its output is kept', async () => {
  const { ok, output } = await run(part('fine', 'console.log("one"); console.error("two")'));
  assert.deepEqual([ok, output], [true, 'one\ntwo\n']);
});

test('a part that fails, dies or cannot start is not ok and says why', async () => {
  const failed = await run(part('failed', 'process.exit(3)'));
  const died = await run(part('died', 'process.kill(process.pid)'));
  const missing = await run({ name: 'missing', command: 'no-such-program', arguments: [] });
  assert.deepEqual([failed.ok, died.ok, missing.ok], [false, false, false]);
  assert.match(died.output, /ended by SIGTERM/);
  assert.match(missing.output, /Cannot run no-such-program/);
});

test('a part that takes too long is ended with all that it started', async () => {
  const script = `require('child_process').spawnSync(process.execPath, ['-e', 'for (;;);'])`;
  const { ok, output } = await run({ ...part('slow', script), limitSeconds: 0.3 });
  assert.deepEqual([ok, output], [false, 'ended after 0.3 s\n']);
});

test('a test run that ends in the middle is not ok, though it says 0, and names its files', async () => {
  const { ok, output } = await run({ ...part('tests', 'process.exit(0)'), testFiles: ['a.test.ts', 'b.test.ts'] });
  assert.deepEqual([ok, output], [false, 'ended before it told of all tests of a.test.ts, b.test.ts\n']);
});

test('an error that nobody catches fails a run of tests, and is told with its stack', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kubeling-'));
  const file = join(folder.path, 'forgotten.test.ts');
  await writeFile(file, `require('node:test')('forgets', () => void Promise.reject(new Error('nobody caught it')));`);
  const args = ['tools/check/run-tests.ts', '--timeout=10', file];
  const { ok, output } = await run({ name: 'tests', command: process.execPath, arguments: args, testFiles: [file] });
  assert.equal(ok, false);
  assert.match(output, /Error: nobody caught it\n +at .*forgotten\.test\.ts/);
});

test('files are dealt out by their weight, each once and always alike', () => {
  const files = [1, 1, 5, 2, 1, 4].map((weight, at) => ({ file: `${at}`, weight }));
  assert.deepEqual(deal(files, 2), [
    ['2', '0', '1'],
    ['5', '3', '4'],
  ]);
  assert.deepEqual(deal(files, 2), deal(files.toReversed(), 2));
  assert.deepEqual(deal(files.slice(0, 1), 3), [['0']]);
});

test('the long tests are there, and every test is in one part', () => {
  for (const file of Object.keys(longTests)) assert.ok(existsSync(new URL(`../${file}`, import.meta.url)), file);
  const files = [...parts, ...afterwards].flatMap(({ testFiles = [] }) => testFiles);
  const all = globSync('{src,test,tools,examples}/**/*.test.ts', { cwd: new URL('..', import.meta.url).pathname });
  assert.deepEqual(files.toSorted(), all.toSorted());
});

test('all parts run, whatever fails', async () => {
  const results = await runAll([part('a', 'process.exit(1)'), part('b', ''), part('c', '')], 2, () => {});
  assert.deepEqual(results.map(({ part: { name }, ok }) => `${name} ${ok}`).sort(), ['a false', 'b true', 'c true']);
});

const spec = `✔ works (1 ms)
ℹ tests 3
ℹ suites 0
ℹ pass 2
ℹ fail 1
ℹ cancelled 0
ℹ skipped 0
ℹ todo 0
ℹ duration_ms 12.5

✖ failing tests:

✖ breaks (2 ms)
`;

test('the summary of a test run is read and added up', () => {
  const counts = countsOf(spec);
  assert.deepEqual([counts.tests, counts.pass, counts.fail], [3, 2, 1]);
  const lines = countLines(sumOf([counts, counts]));
  assert.match(lines, /^# tests 6\n# suites 0\n# pass 4\n# fail 2\n/);
});

test('of a failed test run the failures are shown', () => {
  assert.equal(failuresOf(spec), '✖ failing tests:\n\n✖ breaks (2 ms)\n');
});
