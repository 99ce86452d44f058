#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nameProblem, defaultCluster } from '../local/cluster-config.ts';
import { UserError } from '../local/problem.ts';
import { keepAlive } from './keep-alive.ts';
import { kubelingVersion, kubernetesVersion } from './version.ts';

/** Exit code for command lines that cannot be understood. */
const usageFailure = 2;
const interrupted = 130;

// Who may read a file is decided where it is made: nginx' workers and users in pods need what a careful umask would hide.
process.umask(0o022);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => stop.abort(new Error(`Interrupted by ${name}`)));

const program = new Command('kubeling')
  .description('Kubernetes on this machine: real nodes, real containers, one program')
  .version(kubelingVersion, '-v, --version', 'print the version')
  .exitOverride()
  .showHelpAfterError(helpHint('kubeling'))
  .configureHelp({ showGlobalOptions: true });

function command(parent: Command, name: string, description: string, hidden = false): Command {
  const path = parent === program ? `kubeling ${name}` : `kubeling ${parent.name()} ${name}`;
  return parent
    .command(name, { hidden })
    .description(description)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError(helpHint(path));
}

function helpHint(path: string): string {
  return `(see "${path} --help")`;
}

const anyClusterName = (description = 'name of the cluster'): Option =>
  new Option('--name <name>', description).argParser((value: string) => {
    const problem = nameProblem(value);
    if (problem !== undefined)
      throw new CommanderError(usageFailure, 'kubeling.name', `error: cluster name "${value}" ${problem}`);
    return value;
  });
const mostNodes = 100;
const nodeCount = (): Option =>
  new Option(
    '--nodes <count>',
    'number of nodes: a control plane and, beyond one, workers (default: those of --config, or 1)',
  ).argParser((value: string) => {
    const count = /^\d+$/.test(value) ? Number(value) : 0;
    if (count < 1 || count > mostNodes)
      throw new CommanderError(
        usageFailure,
        'kubeling.nodes',
        `error: number of nodes "${value}" must be a whole number from 1 to ${mostNodes}`,
      );
    return count;
  });
const clusterName = (): Option => anyClusterName().default(defaultCluster);
const kubeconfig = (): Option =>
  new Option('--kubeconfig <file>', 'kubeconfig to change instead of $KUBECONFIG or ~/.kube/config');

command(program, 'up', 'make a cluster, or start one that stands still')
  .addOption(anyClusterName(`name of the cluster (default: that of --config, or "${defaultCluster}")`))
  .addOption(nodeCount())
  .option('--config <file>', 'configuration of kind for the cluster; - reads standard input')
  .addOption(kubeconfig())
  .option('--no-install', 'do not install missing Debian packages')
  .option('--retain', 'leave what was made when something fails', false)
  .action(async (flags) => (await import('./commands/cluster.ts')).upCommand(flags, stop.signal));

command(program, 'down', 'remove a cluster and everything that belongs to it')
  .addOption(clusterName())
  .addOption(kubeconfig())
  .action(async (flags) => (await import('./commands/cluster.ts')).downCommand(flags));

command(program, 'stop', 'stop a cluster; its data stays')
  .addOption(clusterName())
  .action(async (flags) => (await import('./commands/power.ts')).stopCommand(flags));

command(program, 'start', 'start a cluster that was stopped, also by a reboot')
  .addOption(clusterName())
  .addOption(kubeconfig())
  .action(async (flags) => (await import('./commands/power.ts')).startCommand(flags, stop.signal));

const node = command(program, 'node', "stop and start a cluster's nodes");
command(node, 'stop', 'turn a node off, with all that runs on it')
  .argument('<node>')
  .addOption(clusterName())
  .action(async (name, flags) => (await import('./commands/power.ts')).nodeStopCommand(name, flags));
command(node, 'start', 'turn a node on again')
  .argument('<node>')
  .addOption(clusterName())
  .action(async (name, flags) => (await import('./commands/power.ts')).nodeStartCommand(name, flags, stop.signal));

command(program, 'status', 'show how a cluster, its nodes and its programs are')
  .addOption(clusterName())
  .addOption(new Option('-o, --output <format>', 'print it for programs').choices(['json']))
  .action(async (flags) => (await import('./commands/cluster.ts')).statusCommand(flags));

command(program, 'list', 'list the clusters of this machine').action(async () =>
  (await import('./commands/cluster.ts')).listCommand(),
);

command(program, 'service', 'print where a Service of type NodePort or LoadBalancer answers on this machine')
  .argument('<service>')
  .addOption(clusterName())
  .option('-n, --namespace <namespace>', 'namespace of the Service', 'default')
  .option('--url', 'print only the URLs', false)
  .option('--https', 'print URLs with https', false)
  .action(async (service, flags) => (await import('./commands/service.ts')).serviceCommand(service, flags));

command(program, 'kubeconfig', "print a cluster's kubeconfig")
  .addOption(clusterName())
  .action(async (flags) => (await import('./commands/cluster.ts')).kubeconfigCommand(flags));

const image = command(program, 'image', "see and load the images of a cluster's nodes");
command(image, 'load', 'load images from archives (docker save or OCI layout; plain, gzip or zstd)')
  .argument('<file...>')
  .addOption(clusterName())
  .action(async (files, flags) => (await import('./commands/image.ts')).imageLoadCommand(files, flags));
command(image, 'list', 'list the images')
  .addOption(clusterName())
  .action(async (flags) => (await import('./commands/image.ts')).imageListCommand(flags));

command(program, 'dashboard', 'show a cluster in the browser')
  .addOption(clusterName())
  .option('--kubeconfig <file>', 'kubeconfig to use instead of $KUBECONFIG or ~/.kube/config')
  .addOption(new Option('--port <port>', 'port of 127.0.0.1').default(0, 'one that is free').argParser(portNumber))
  .option('--no-open', 'do not open the browser')
  .action(async (flags) => (await import('./commands/dashboard.ts')).dashboardCommand(flags, stop.signal));

command(program, 'version', 'print versions').action(() => {
  process.stdout.write(`kubeling ${kubelingVersion}, Kubernetes ${kubernetesVersion}, Node ${process.version}\n`);
});

for (const name of ['supervisor', 'server', 'agent'] as const)
  command(program, name, `run the ${name} of a cluster`, true)
    .requiredOption('--config <file>', 'its configuration')
    .action(async (flags) => {
      const programs = await import('./commands/program.ts');
      await programs[`${name}Command`](flags, stop.signal);
    });

try {
  using alive = keepAlive();
  void alive;
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('It must be a number up to 65535.');
}

/** Prints what the user must know of a failure, and decides the exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code.startsWith('kubeling.')) process.stderr.write(`${error.message}\n`);
    return error.exitCode === 0 ? 0 : usageFailure;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message}\n`);
  if (process.env.KUBELING_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (stop.signal.aborted) return interrupted;
  return error instanceof UserError ? error.exitCode : 1;
}
