import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubeconfigPlace } from '../../client/node/kubeconfig.ts';
import { systemHome, type Home } from '../../local/paths.ts';
import type { Launcher } from '../../local/programs.ts';

/** Where clusters are kept: the usual folders, or all below the one that KUBELING_HOME names. */
export function homeOf(environment: NodeJS.ProcessEnv = process.env): Home {
  const folder = environment.KUBELING_HOME;
  return folder === undefined || folder === '' ? systemHome : { data: folder, run: join(folder, 'run') };
}

/** Which kubeconfig files to look at; `explicit` is the value of `--kubeconfig`. */
export function kubeconfigPlace(explicit?: string): KubeconfigPlace {
  const variable = process.env.KUBECONFIG;
  return {
    home: homedir(),
    ...(explicit === undefined ? {} : { explicit }),
    ...(variable === undefined ? {} : { variable }),
  };
}

/** The folder of `src`. */
const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Starts this program again. */
export const launcher: Launcher = {
  interpreter: process.execPath,
  script: join(root, `src/main/program${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`),
};

/**
 * Lets the programs of a cluster, which are root's, start from a bundle; where none can be made they start from their
 * sources.
 */
export async function preparePrograms(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { makeBundle } = await import('../bundle/make-bundle.ts');
  await makeBundle(root).catch(() => false);
}
