import { readFile } from 'node:fs/promises';
import { Listr } from 'listr2';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { readKubeconfigs, writeKubeconfig } from '../../client/node/kubeconfig.ts';
import { clusterNames, contextName, requireCluster, type ClusterConfig } from '../../local/cluster-config.ts';
import { writeAdmin, type ClusterAuthority } from '../../local/certificates.ts';
import { down } from '../../local/down.ts';
import { clusterPaths } from '../../local/paths.ts';
import { UserError } from '../../local/problem.ts';
import { clusterStatuses, wholeStatus } from '../../local/status.ts';
import type { StartOptions, Step } from '../../local/start-steps.ts';
import { up } from '../../local/up.ts';
import { ensureServerPki, isOfUser, issueClientCertificate, issueNodeCertificate, renewalMs } from '../pki.ts';
import { isGoodUntil } from '../../apiserver/auth/certificates.ts';
import { checkConfigurationFile } from '../api-configuration.ts';
import { specOf, type SpecFlags } from './cluster-spec.ts';
import { homeOf, kubeconfigPlace, launcher, preparePrograms } from './environment.ts';
import { table } from './output.ts';
import { statusText } from './status-text.ts';

const clock = systemClock;
/** Columns that the changing list needs. */
const narrowest = 40;

export interface UpFlags extends SpecFlags {
  readonly kubeconfig?: string;
  readonly new?: boolean;
  readonly install: boolean;
  readonly retain: boolean;
}

/** Makes or starts a cluster, shows the steps, and returns when it can be used. */
export async function upCommand(flags: UpFlags, signal: AbortSignal): Promise<void> {
  const { name, ...wanted } = await specOf(flags);
  const began = clock.monotonic();
  const options = {
    ...startOptions({ ...flags, name }, signal),
    ...wanted,
    mayInstall: flags.install,
    mustBeNew: flags.new === true,
    retain: flags.retain,
  };
  await preparePrograms();
  const outcome = await up(options, (steps) => performSteps(steps, signal));
  const state = outcome === 'ran' ? 'was running already' : `is ready after ${seconds(began)} s`;
  process.stdout.write(`Cluster "${name}" ${state}. Try: kubectl --context ${contextName(name)} get nodes\n`);
}

/** What it takes to bring a cluster to life. */
export function startOptions(flags: { readonly name: string; readonly kubeconfig?: string }, signal: AbortSignal) {
  const { name, kubeconfig } = flags;
  const home = homeOf();
  return {
    home,
    name,
    kubeconfig: kubeconfigPlace(kubeconfig),
    clock,
    signal,
    launcher,
    authority: (cluster: ClusterConfig) => authorityOf(clusterPaths(home, name).pki, cluster),
    checkApiConfig: checkConfigurationFile,
  } satisfies StartOptions;
}

/** Time since `began`, as users read it. */
export function seconds(began: number): string {
  return ((clock.monotonic() - began) / 1000).toFixed(1);
}

/** Shows each step: in a terminal as a list that changes, otherwise as a line when it is done. */
export async function performSteps(steps: readonly Step[], signal: AbortSignal): Promise<void> {
  const perform = async ({ run }: Step, report: (text: string) => void): Promise<void> => {
    signal.throwIfAborted();
    await run(report);
    signal.throwIfAborted();
  };
  if (process.stdout.isTTY && process.stdout.columns >= narrowest) {
    const tasks = steps.map((step) => ({
      title: step.title,
      task: (_: unknown, task: { output: string }) => perform(step, (text) => (task.output = text)),
    }));
    const rendererOptions = { showErrorMessage: false, collapseErrors: false };
    await new Listr(tasks, { rendererOptions, registerSignalListeners: false }).run();
    return;
  }
  for (const step of steps) {
    await perform(step, (text) => process.stdout.write(`  ${text}\n`));
    process.stdout.write(`✔ ${step.title}\n`);
  }
}

async function authorityOf(folder: string, cluster: ClusterConfig): Promise<ClusterAuthority> {
  const sources = { clock, random: systemRandom };
  const pki = await ensureServerPki(folder, { dnsNames: [], addresses: [cluster.nodes[0]!.address] }, sources);
  return {
    certificate: pki.authority.certificate,
    admin: pki.admin,
    isGood: (identity, user) =>
      isGoodUntil(identity, pki.authority, clock.now() + renewalMs) && (user === undefined || isOfUser(identity, user)),
    issueNode: (node) => issueNodeCertificate(pki.authority, node, sources),
    issueClient: (user) => issueClientCertificate(pki.authority, user, sources),
  };
}

export interface DownFlags {
  readonly name: string;
  readonly kubeconfig?: string;
  /** Succeed where there is none. */
  readonly ifThere: boolean;
}

export async function downCommand({ name, kubeconfig, ifThere }: DownFlags): Promise<void> {
  requireRoot();
  const home = homeOf();
  const isThere = (await clusterNames(home)).includes(name);
  if (isThere || !ifThere) await down({ home, name, kubeconfig: kubeconfigPlace(kubeconfig), clock });
  process.stdout.write(`Cluster "${name}" is gone\n`);
}

export async function listCommand({ output }: { output?: 'name' }): Promise<void> {
  requireRoot();
  const names = await clusterNames(homeOf());
  if (names.length === 0) process.stderr.write('No clusters. Make one with: kubeling up\n');
  else if (output === 'name') process.stdout.write(`${names.join('\n')}\n`);
  else
    process.stdout.write(
      table(
        ['NAME', 'STATUS', 'NODES', 'SERVER'],
        (await clusterStatuses(homeOf(), clock)).map(({ name, state, nodes, server }) => [
          name,
          state,
          nodes.length > 0 ? `${nodes.length}` : '-',
          server ?? '-',
        ]),
      ),
    );
}

/** Prints what there is of a cluster and how it is. Exits with 1 when something is not as it should be. */
export async function statusCommand({ name, output }: { name: string; output?: 'json' }): Promise<void> {
  const status = await wholeStatus(homeOf(), await existing(name), clock);
  const text = (): string => statusText(status, clusterPaths(homeOf(), name), clock.now());
  process.stdout.write(output === 'json' ? `${JSON.stringify(status, null, 2)}\n` : text());
  if (status.state !== 'running') process.exitCode = 1;
}

export interface KubeconfigFlags {
  readonly name: string;
  /** Into the user's kubeconfig, instead of printing it. */
  readonly write: boolean;
  readonly kubeconfig?: string;
}

/** Prints the administrator's kubeconfig, or lets the user's clients use it. */
export async function kubeconfigCommand({ name, write, kubeconfig }: KubeconfigFlags): Promise<void> {
  await existing(name);
  const home = homeOf();
  const cluster = await requireCluster(home, name);
  await writeAdmin(home, cluster, await authorityOf(clusterPaths(home, name).pki, cluster));
  const file = clusterPaths(home, name).adminKubeconfig;
  if (!write) process.stdout.write(await readFile(file, 'utf8'));
  else {
    const written = await writeKubeconfig(kubeconfigPlace(kubeconfig), await readKubeconfigs([file]), clock);
    process.stdout.write(`Context "${contextName(name)}" is the current one in ${written}\n`);
  }
}

/** Prints the address of the control plane's node. */
export async function addressCommand({ name }: { name: string }): Promise<void> {
  const cluster = await requireCluster(homeOf(), await existing(name));
  process.stdout.write(`${cluster.nodes[0]!.address}\n`);
}

/** The name, if there is a cluster that has it; otherwise throws {@link UserError}. */
export async function existing(name: string): Promise<string> {
  requireRoot();
  await requireCluster(homeOf(), name);
  return name;
}

/** For what needs a node of a cluster of which none is on. */
export function standsStill(name: string): UserError {
  return new UserError(
    `Cannot reach cluster "${name}": it stands still; start it with "kubeling start --name ${name}"`,
  );
}

export function requireRoot(): void {
  if (process.getuid?.() !== 0)
    throw new UserError('Cannot reach clusters: they belong to root; run the command as root, for example with sudo');
}
