import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/base/system-clock.ts';
import type { Client } from '../../src/client/client.ts';
import { createHttpTransport } from '../../src/client/node/http-transport.ts';
import { accessOf, readKubeconfig } from '../../src/client/node/kubeconfig.ts';
import { createClient } from '../../src/client/typed-client.ts';
import { clusterPaths, type Home } from '../../src/local/paths.ts';
import { readRecords } from '../../src/local/supervisor.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from './guard.ts';
import { residentMib } from './server-process.ts';

/** A cluster of this machine as users make it, in a folder of its own; gone when disposed. */
export interface LocalCluster extends AsyncDisposable {
  readonly home: Home;
  readonly kubeconfig: string;
  readonly client: Client;
  /** How long `up` took, in milliseconds. */
  readonly upMs: number;
  /** Runs a command of Kubeling for this cluster and gives what it printed. */
  kubeling(...args: string[]): Promise<string>;
  /** Resident memory in MiB of a program: `server`, `agent/worker`. */
  residentMib(program: string): Promise<number>;
}

const launcher = join(import.meta.dirname, '../../kubeling');
const limitMs = 300_000;

/** Makes the cluster `name`; `flags` go to `up`, and `meanwhile` is called as it begins. */
export async function startLocalCluster(
  name: string,
  flags: readonly string[] = [],
  meanwhile: (home: Home) => void = () => {},
): Promise<LocalCluster> {
  const folder = mkdtempSync('/run/kl-kit-');
  chmodSync(folder, 0o755); // nginx' workers, who are nobody, pass through it
  const home = { data: folder, run: join(folder, 'run') };
  const kubeconfig = join(folder, 'kubeconfig');
  const env = { ...process.env, KUBELING_HOME: folder, KUBECONFIG: kubeconfig };
  const alive = keepAlive();
  const guarded = guard({ folder, home });
  const kubeling = async (...args: string[]): Promise<string> => {
    const all = [...args, '--name', name];
    return (await promisify(execFile)(launcher, all, { env, timeout: limitMs })).stdout;
  };
  const remove = async (): Promise<void> => {
    await kubeling('down');
    rmSync(folder, { recursive: true, force: true });
    await guarded[Symbol.asyncDispose]();
    alive[Symbol.dispose]();
  };
  const began = systemClock.monotonic();
  meanwhile(home);
  try {
    await kubeling('up', ...flags);
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
  const upMs = systemClock.monotonic() - began;
  const access = await accessOf((await readKubeconfig(kubeconfig))!);
  const transport = createHttpTransport(access, { clock: systemClock, userAgent: 'test' });
  return {
    home,
    kubeconfig,
    client: createClient(transport),
    upMs,
    kubeling,
    async residentMib(wanted) {
      const records = await readRecords(clusterPaths(home, name).processes);
      const record = records.find((one) => one.name === wanted);
      if (record === undefined) throw new Error(`Cannot find program "${wanted}" of cluster "${name}"`);
      return residentMib(record.pid);
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await remove();
    },
  };
}
