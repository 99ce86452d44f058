import { rmSync } from 'node:fs';
import { systemClock } from '../../src/base/system-clock.ts';
import { belongingsOf } from '../../src/local/belongings.ts';
import { hostNamesOf } from '../../src/local/cluster-config.ts';
import { removeHostNetwork } from '../../src/local/network.ts';
import { clusterPaths, type Home } from '../../src/local/paths.ts';
import { processesOf, releaseKernel } from '../../src/local/sweep.ts';

/**
 * What a reboot of the machine does to a cluster: all processes die at once, and what the kernel and `/run` hold is
 * gone.
 */
export async function crash(home: Home, name: string): Promise<void> {
  const belongings = await belongingsOf(home, name);
  for (let left = await processesOf(belongings); left.length > 0; left = await processesOf(belongings)) {
    for (const { pid } of left)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        continue; // it died with another
      }
    await systemClock.sleep(10);
  }
  await releaseKernel(belongings, systemClock);
  await removeHostNetwork(hostNamesOf(home, name));
  rmSync(clusterPaths(home, name).run, { recursive: true, force: true });
}
