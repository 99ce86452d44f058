import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { afterwards, allSeconds, parts, type Part } from './check/parts.ts';
import { run, runAll, type Result } from './check/run.ts';
import { countLines, countsOf, failuresOf, sumOf, type Counts } from './check/summary.ts';

/**
 * Runs every check and lists all failures at the end. With `--all` long scenarios and the end-to-end tests follow; with names of parts it
 * runs only those. The last lines count tests as Node's test runner does.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  // One more than there are processors: tests wait for disks, sockets and other programs, too.
  const results = await runAll(selected(positionals), availableParallelism() + 1, report);
  if (values.all) for (const part of afterwards) results.push(leftOut(part) ?? (await runAlone(part)));
  const failed = results.filter(({ ok }) => !ok);
  for (const result of failed) printFailure(result);
  const tests = results.filter(({ part }) => part.testFiles !== undefined);
  if (tests.length > 0) process.stdout.write(`\n${countLines(sumOf(tests.map(countsOfRun)))}`);
  if (failed.length > 0) console.error(`\nfailed: ${failed.map(({ part }) => part.name).join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function selected(names: readonly string[]): readonly Part[] {
  const namesOf = ({ name, shareOf = name }: Part) => [shareOf, name];
  const unknown = names.filter((name) => !parts.some((part) => namesOf(part).includes(name)));
  if (unknown.length > 0) {
    const known = [...new Set(parts.map((part) => namesOf(part)[0]))].map((name) => `"${name}"`).join(', ');
    throw new Error(`Cannot check "${unknown.join('", "')}": the parts are ${known}`);
  }
  return names.length === 0 ? parts : parts.filter((part) => namesOf(part).some((name) => names.includes(name)));
}

async function runAlone(part: Part): Promise<Result> {
  const result = await run(part);
  report(result);
  return result;
}

/** A part that there is no time for counts as a test that is skipped. */
function leftOut(part: Part): Result | undefined {
  const { name, needsSeconds = 0 } = part;
  const left = Math.round(allSeconds - process.uptime());
  if (left >= needsSeconds) return undefined;
  console.log(
    `left out - ${name}: it needs up to ${needsSeconds} s, and of ${allSeconds} s for all parts ${left} s are left`,
  );
  return { part, ok: true, seconds: 0, output: '# tests 1\n# skipped 1\n' };
}

/** A run that failed without a failed test is counted as one. */
function countsOfRun({ ok, output }: Result): Counts {
  const counts = countsOf(output);
  return ok || counts.fail > 0 ? counts : { ...counts, tests: counts.tests + 1, fail: 1 };
}

function report({ part, ok, seconds }: Result): void {
  console.log(`${ok ? 'ok' : 'FAILED'} - ${part.name} (${seconds.toFixed(1)} s)`);
}

function printFailure({ part, output }: Result): void {
  console.log(`\n── ${part.name} ${'─'.repeat(Math.max(0, 76 - part.name.length))}`);
  process.stdout.write(part.testFiles === undefined ? output : failuresOf(output));
  if (part.advice !== undefined) console.log(`To mend it: ${part.advice}`);
}

// What was started ends with this process, also when it is interrupted.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
await main();
