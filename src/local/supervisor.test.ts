import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/system-clock.ts';
import { cgroupMounts, removeCgroups } from './cgroups.ts';
import { takeLock } from './lock.ts';
import { isRunning, signal } from '../base/node/processes.ts';
import type { SupervisedProgram } from './programs.ts';
import { readRecords, supervise, type ProcessRecord } from './supervisor.ts';

const skip = process.platform !== 'linux' || process.getuid?.() !== 0;
/** Does not wait long for anything. */
const clock: Clock = { ...systemClock, sleep: (delayMs, abort) => systemClock.sleep(Math.min(delayMs, 5), abort) };

test(
  'a program is started again when it ends, outlives its supervisor, and is adopted by the next',
  { skip },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
    const records = join(folder, 'processes.json');
    const cgroup = `/kubeling-test-${process.pid}/programs/sleeper`;
    const program: SupervisedProgram = {
      name: 'sleeper',
      command: ['sleep', '1000.4711'],
      network: '/proc/self/ns/net',
      log: join(folder, 'logs', 'sleeper.log'),
      needs: [folder],
      bounds: { oomScoreAdj: 17, cgroup, memoryBytes: 64 << 20 },
    };
    const until = async (
      holds: (record: ProcessRecord | undefined) => boolean | Promise<boolean>,
    ): Promise<ProcessRecord> => {
      for (;;) {
        const [record] = await readRecords(records);
        if (await holds(record)) return record!;
        await clock.sleep(1);
      }
    };
    const { port1 } = new MessageChannel(); // keeps the process alive: the clock's timers do not
    port1.on('message', () => {});
    const start = (): { stop: AbortController; done: Promise<void> } => {
      const stop = new AbortController();
      return {
        stop,
        done: supervise({ programs: [program], records, logs: [], clock, log: silentLogger, signal: stop.signal }),
      };
    };
    let last: ProcessRecord | undefined;
    try {
      const first = start();
      const began = await until((record) => record !== undefined);
      assert.equal(began.restarts, 0);
      const ofProcess = (file: string): string => readFileSync(`/proc/${began.pid}/${file}`, 'utf8');
      assert.equal(ofProcess('oom_score_adj'), '17\n');
      assert.match(ofProcess('cgroup'), new RegExp(`:${cgroup}$`, 'm'));
      const limit = cgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
        .flatMap(({ path }) => ['memory.max', 'memory.limit_in_bytes'].map((file) => join(path, cgroup, file)))
        .filter((file) => existsSync(file));
      assert.deepEqual(
        limit.map((file) => readFileSync(file, 'utf8')),
        [`${64 << 20}\n`],
      );
      await signal(began, 'SIGKILL');
      const again = await until((record) => record?.restarts === 1);
      assert.notEqual(again.pid, began.pid);
      first.stop.abort();
      await first.done;
      assert.equal(await isRunning(again), true);
      const second = start();
      last = await until((record) => record?.since !== again.since);
      assert.deepEqual([last.pid, last.restarts], [again.pid, 1]);
      second.stop.abort();
      await second.done;
    } finally {
      port1.close();
      if (last !== undefined) await signal(last, 'SIGKILL');
      rmSync(folder, { recursive: true });
      while (last !== undefined && (await isRunning(last))) await clock.sleep(1);
      await removeCgroups(dirname(dirname(cgroup)), clock);
    }
  },
);

test('a lock is held by one at a time', { skip: process.platform !== 'linux' }, async () => {
  const first = await takeLock('test of locks');
  assert.ok(first !== undefined);
  assert.equal(await takeLock('test of locks'), undefined);
  await first[Symbol.asyncDispose]();
  await using second = await takeLock('test of locks');
  assert.ok(second !== undefined);
});
