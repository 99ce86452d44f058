import { spawn } from 'node:child_process';
import { aborted } from '../../base/abort.ts';
import { systemClock } from '../../base/system-clock.ts';
import { accessOf, kubeconfigPaths, readKubeconfigs } from '../../client/node/kubeconfig.ts';
import type { ServerAccess } from '../../client/node/http-connection.ts';
import { bundlePage } from '../../dashboard/node/page-files.ts';
import { serveDashboard, type Dashboard } from '../../dashboard/node/serve.ts';
import { contextName } from '../../local/cluster-config.ts';
import { UserError } from '../../local/problem.ts';
import { kubeconfigPlace } from './environment.ts';

export interface DashboardFlags {
  readonly name: string;
  readonly kubeconfig?: string;
  readonly port: number;
  readonly open: boolean;
}

/** Serves the dashboard of a cluster until it is told to stop. Needs no root: the user's kubeconfig says who asks. */
export async function dashboardCommand(
  { name, kubeconfig, port, open }: DashboardFlags,
  signal: AbortSignal,
): Promise<void> {
  const context = contextName(name);
  const access = (): Promise<ServerAccess> => accessTo(context, kubeconfig);
  const files = await bundlePage(context);
  await using dashboard = await serve(port, { access, files });
  process.stdout.write(`Dashboard of "${context}": ${dashboard.url} (stop it with Ctrl-C)\n`);
  if (open && hasDisplay()) openInBrowser(dashboard.url);
  await aborted(signal);
}

async function accessTo(context: string, explicit: string | undefined): Promise<ServerAccess> {
  const paths = kubeconfigPaths(kubeconfigPlace(explicit));
  const config = await readKubeconfigs(paths);
  if (config.contexts?.some((one) => one.name === context)) return accessOf(config, context);
  throw new UserError(
    `Cannot find context "${context}" in ${paths.join(', ')}: make the cluster with "kubeling up", or name another with --name or --kubeconfig`,
  );
}

async function serve(
  port: number,
  parts: Pick<Parameters<typeof serveDashboard>[0], 'access' | 'files'>,
): Promise<Dashboard> {
  try {
    return await serveDashboard({ ...parts, port, clock: systemClock });
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new UserError(`Cannot listen on port ${port}: another program does; choose another with --port`, { cause });
    if (code === 'EACCES' && syscall === 'listen')
      throw new UserError(`Cannot listen on port ${port}: only root may`, { cause });
    throw cause;
  }
}

function hasDisplay(): boolean {
  return Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** A browser that does not come is no failure: the address has been printed. */
function openInBrowser(url: string): void {
  const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => {});
  opener.unref();
}
