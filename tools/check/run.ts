import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from './parts.ts';
import { countsOf } from './summary.ts';

export interface Result {
  readonly part: Part;
  readonly ok: boolean;
  readonly seconds: number;
  /** All that the part printed, on both streams, in order. */
  readonly output: string;
}

const graceMs = 500;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a part in the repository, with the tools of `node_modules` and the running Node first on the path. */
export function run(part: Part): Promise<Result> {
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(part.command, part.arguments, {
      cwd: root,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const { limitSeconds = 120 } = part;
    // The whole group: a test that hangs is a child of the test runner.
    const end = () => process.kill(-child.pid!, 'SIGKILL');
    let isLate = false;
    let limit = setTimeout(() => {
      isLate = true;
      // At this, Node's test runner still tells of what failed and of what hangs.
      process.kill(-child.pid!, 'SIGTERM');
      limit = setTimeout(end, graceMs);
    }, limitSeconds * 1000);
    process.once('exit', end);
    const finish = (ok: boolean, extra = '') => {
      clearTimeout(limit);
      process.off('exit', end);
      const output = Buffer.concat(chunks).toString() + extra;
      resolve({ part, ok, output, seconds: (performance.now() - start) / 1000 });
    };
    child.on('error', (error) => finish(false, `Cannot run ${part.command}: ${error.message}\n`));
    child.on('close', (code, signal) => {
      const ending = isLate ? `ended after ${limitSeconds} s\n` : signal === null ? '' : `ended by ${signal}\n`;
      const isWhole = part.testFiles === undefined || countsOf(Buffer.concat(chunks).toString()).tests > 0;
      // A process that ends in the middle may end with 0, too.
      const missing = isWhole ? '' : `ended before it told of all tests of ${part.testFiles.join(', ')}\n`;
      finish(code === 0 && isWhole, ending + missing);
    });
  });
}

/** Runs all parts, at most `limit` at a time, and reports each as it ends. */
export async function runAll(
  parts: readonly Part[],
  limit: number,
  report: (result: Result) => void,
): Promise<Result[]> {
  const waiting = [...parts];
  const results: Result[] = [];
  const worker = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const result = await run(part);
      results.push(result);
      report(result);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

function environment(): NodeJS.ProcessEnv {
  const bin = `${root}node_modules/.bin`;
  const { NODE_TEST_CONTEXT: _, FORCE_COLOR: __, CI: ___, ...rest } = process.env;
  return {
    ...rest,
    NO_COLOR: '1',
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    // Stripped types are kept between runs: half of the time of a short test goes there.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? `${root}node_modules/.cache/compile`,
  };
}
