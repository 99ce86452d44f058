import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { listProcesses } from '../../src/base/node/processes.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { removeRemains } from '../kit/remains.ts';
import { cannotRunClusters } from './command-line.ts';
import { cannotRunNginx } from './ingress-cluster.ts';
import { clusterName, fixtures } from './killed-fixture.ts';
import { leftovers } from './leftovers.ts';

const skip = (await cannotRunClusters()) || (cannotRunNginx() ?? false);
const program = new URL('killed-fixture.ts', import.meta.url).pathname;
const limitMs = 30_000;

/** Whether it does so in time. */
async function comesTrue(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const limit = systemClock.monotonic() + limitMs; systemClock.monotonic() < limit; await systemClock.sleep(20))
    if (await holds()) return true;
  return false;
}

describe('a test that is killed leaves nothing behind of', { skip }, () => {
  for (const what of Object.keys(fixtures))
    test(what, async () => {
      using alive = keepAlive();
      void alive;
      const child = spawn(process.execPath, [program, what], { stdio: ['ignore', 'pipe', 'inherit'] });
      const folder = await firstLine(child.stdout);
      const home = { data: folder, run: join(folder, 'run') };
      try {
        // The one that makes half a cluster is in the midst of it then.
        if (what === 'half a cluster') assert.ok(await comesTrue(() => existsSync(join(home.run, clusterName))));
        assert.notDeepEqual(await left(), []);
        child.kill('SIGKILL');
        await comesTrue(async () => (await left()).length === 0);
        assert.deepEqual(await left(), []);
      } finally {
        child.kill('SIGKILL');
        await removeRemains({ folder, home });
      }

      async function left(): Promise<string[]> {
        const found = existsSync(folder) ? [`folder ${folder}`] : [];
        const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
        found.push(...mounts.filter((line) => line.includes(folder)));
        for (const { pid, commandLine, folder: where } of await listProcesses())
          if ([...commandLine, where].some((word) => word.includes(folder)))
            found.push(`process ${pid} ${commandLine.join(' ')}`);
        return [...found, ...(await leftovers(home, clusterName))];
      }
    });
});

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('Cannot go on: what was to be killed has ended by itself');
}
