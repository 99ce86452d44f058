import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { pathWithSystem } from '../../base/node/command.ts';
import { onAbort } from '../../base/abort.ts';
import { contextName } from '../../local/cluster-config.ts';
import { UserError } from '../../local/problem.ts';

/** Runs kubectl against a cluster, by its context in the user's kubeconfig, and ends as it does. */
export async function kubectlCommand(
  words: readonly string[],
  { name }: { readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const child = spawn('kubectl', withContext(words, contextName(name)), {
    stdio: 'inherit',
    env: { ...process.env, PATH: pathWithSystem() },
  });
  // A terminal tells both of Ctrl-C, and kubectl decides what it does about it.
  const forget = onAbort(signal, () => child.kill('SIGTERM'));
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, killedBy) => resolve(code ?? 128 + constants.signals[killedBy!]));
    });
  } catch (cause) {
    throw new UserError(`Cannot run kubectl: it is not installed; see https://kubernetes.io/docs/tasks/tools`, {
      cause,
    });
  } finally {
    forget();
  }
}

/** Behind the command's own words and before its first flag, so that kubectl finds plugins, and names what it does not know. */
export function withContext(words: readonly string[], context: string): string[] {
  const flag = words.findIndex((word) => word.startsWith('-'));
  const at = flag < 0 ? words.length : flag;
  return words.length === 0 ? [] : [...words.slice(0, at), `--context=${context}`, ...words.slice(at)];
}
