import { createHook } from 'node:async_hooks';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';

/**
 * Runs files of tests one after the other in this process, as `node --test --test-isolation=none` does, but follows no promises.
 * Node's runner follows every one by asynchronous hooks, to say by which test an error came that nobody catches: that is an
 * eighth of the work of a test of watches. Such an error still fails the run, and its stack says where it is from.
 */
function main(): void {
  const { values, positionals } = parseArgs({ options: { timeout: { type: 'string' } }, allowPositionals: true });
  followNoPromises();
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, tell);
  const files = positionals.map((file) => resolve(file));
  const events = run({ files, isolation: 'none', timeout: Number(values.timeout) * 1000 });
  events.on('test:fail', () => void (process.exitCode = 1));
  events.compose(new spec()).pipe(process.stdout);
}

/** The runner turns its hooks on when it begins, in the same process, and there is no option for it. */
function followNoPromises(): void {
  const hook = createHook({});
  Object.getPrototypeOf(hook).enable = () => hook;
}

/** Beside the runner's own listener, which fails the run. */
function tell(error: unknown): void {
  console.error('Error that nobody caught:', error);
}

main();
