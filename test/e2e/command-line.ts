import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../src/base/system-clock.ts';
import { clusterNames } from '../../src/local/cluster-config.ts';
import type { Home } from '../../src/local/paths.ts';
import { keepAlive } from '../../src/main/keep-alive.ts';
import { guard } from '../kit/guard.ts';
import { cannotMakeBusybox } from './busybox-image.ts';
import { cannotRunNodes } from './real-node.ts';
import { kubectls } from './kubectl-programs.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `kubeling` and kubectl with clusters and a kubeconfig of their own; disposing it takes down what clusters are left. */
export interface CommandLine extends AsyncDisposable {
  /** Where the clusters are. */
  readonly home: Home;
  readonly kubeconfig: string;
  /** The program itself, to be run by the interpreter of the test. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  run(command: string, args: readonly string[]): Promise<Outcome>;
  kubeling(...args: string[]): Promise<Outcome>;
  /** As `kubeling`; fails the test when the command fails. */
  must(...args: string[]): Promise<string>;
  /** The newest kubectl's output; fails the test when it fails. */
  kubectl(...args: string[]): Promise<string>;
  /** Waits up to a minute; what throws does not hold. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  isRunning(cluster: string): Promise<boolean>;
}

/** Why clusters cannot be tested here, or `false`. Tests skip with this text. */
export async function cannotRunClusters(): Promise<string | false> {
  return (await cannotRunNodes()) ?? cannotMakeBusybox() ?? (kubectls().length === 0 ? 'needs kubectl' : false);
}

const program = new URL('../../src/main/cli.ts', import.meta.url).pathname;

export function openCommandLine(): CommandLine {
  const folder = mkdtempSync('/run/kl-up-');
  chmodSync(folder, 0o755); // nginx' workers, who are nobody, pass through it
  const home = { data: folder, run: join(folder, 'run') };
  const kubeconfig = join(folder, 'kubeconfig');
  const env = { ...process.env, KUBELING_HOME: folder, KUBECONFIG: kubeconfig };
  const alive = keepAlive();
  const guarded = guard({ folder, home });

  async function run(command: string, args: readonly string[]): Promise<Outcome> {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number, stdout, stderr };
  }
  const kubeling = (...args: string[]): Promise<Outcome> => run(process.execPath, [program, ...args]);
  const succeeded = ({ code, stdout, stderr }: Outcome): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };

  return {
    home,
    kubeconfig,
    program,
    env,
    run,
    kubeling,
    must: async (...args) => succeeded(await kubeling(...args)),
    kubectl: async (...args) => succeeded(await run(kubectls().at(-1)!, args)),
    async until(what, holds) {
      for (let time = 0; time < 600; time++) {
        if (await holds().catch(() => false)) return;
        await systemClock.sleep(100);
      }
      assert.fail(`not within a minute: ${what}`);
    },
    isRunning: async (name) => (await kubeling('status', '--name', name)).stdout.includes('State:     running'),
    async [Symbol.asyncDispose]() {
      for (const name of await clusterNames(home)) await kubeling('down', '--name', name);
      rmSync(folder, { recursive: true, force: true });
      await guarded[Symbol.asyncDispose]();
      alive[Symbol.dispose]();
    },
  };
}
