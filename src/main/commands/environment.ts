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

/** Starts this program again. */
export const launcher: Launcher = {
  interpreter: process.execPath,
  script: fileURLToPath(new URL(`../cli${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)),
};
