#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { constants } from 'node:os';
import { errorSentence } from '../base/node/system-error.ts';
import { defaultCluster } from '../local/cluster-config.ts';
import { UserError } from '../local/problem.ts';
import { meaningOf } from './meaning.ts';
import {
  anyClusterName,
  clusterName,
  kubeconfig,
  nodeCount,
  nodeCpus,
  nodeMemory,
  port,
  usageFailure,
} from './command-options.ts';
import { keepAlive } from './keep-alive.ts';
import { kubelingVersion, kubernetesVersion } from './version.ts';

/** As shells have it: and which signal ended the command. */
const signalled = 128;

// Who may read a file is decided where it is made: nginx' workers and users in pods need what a careful umask would hide.
process.umask(0o022);

const stop = new AbortController();
let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    stoppedBy ??= name;
    stop.abort(new Error(`Interrupted by ${name}`));
  });

const program = new Command('kubeling')
  .description('Kubernetes on this machine: real nodes, real containers, one program')
  .version(kubelingVersion, '-v, --version', 'print the version')
  .exitOverride()
  .showHelpAfterError(helpHint('kubeling'))
  .configureHelp({ showGlobalOptions: true })
  .enablePositionalOptions()
  .addHelpText(
    'after',
    '\nWords of kind and minikube, such as "create cluster" and "addons enable", are understood too.',
  );

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

command(program, 'up', 'make a cluster, or start one that stands still')
  .addOption(anyClusterName(`name of the cluster (default: that of --config, or "${defaultCluster}")`))
  .addOption(nodeCount())
  .option('--config <file>', 'configuration of kind for the cluster; - reads standard input')
  .option('--api-config <file>', "Kubernetes' configuration of the API server, such as AuthenticationConfiguration")
  .addOption(nodeCpus())
  .addOption(nodeMemory())
  .option('--allow-external-ips', 'let Services take external IPs, and with them what is meant for others')
  .addOption(kubeconfig())
  .option('--new', 'fail when there is a cluster of this name', false)
  .option('--no-install', 'do not install missing Debian packages')
  .option('--retain', 'leave what was made when something fails', false)
  .action(async (flags) => (await import('./commands/cluster.ts')).upCommand(flags, stop.signal));

command(program, 'down', 'remove a cluster and everything that belongs to it')
  .addOption(clusterName())
  .addOption(kubeconfig())
  .option('--if-there', 'succeed when there is none', false)
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

command(program, 'list', 'list the clusters of this machine')
  .addOption(new Option('-o, --output <format>', 'print only names').choices(['name']))
  .action(async (flags) => (await import('./commands/cluster.ts')).listCommand(flags));

command(program, 'service', 'print where a Service of type NodePort or LoadBalancer answers on this machine')
  .argument('<service>')
  .addOption(clusterName())
  .option('-n, --namespace <namespace>', 'namespace of the Service', 'default')
  .option('--url', 'print only the URLs', false)
  .option('--https', 'print URLs with https', false)
  .action(async (service, flags) => (await import('./commands/service.ts')).serviceCommand(service, flags));

command(program, 'kubeconfig', "print a cluster's kubeconfig, or let kubectl use it")
  .addOption(clusterName())
  .option('--write', "write it where kubectl looks for it, and make the cluster kubectl's current one", false)
  .addOption(kubeconfig())
  .action(async (flags) => (await import('./commands/cluster.ts')).kubeconfigCommand(flags));

const image = command(program, 'image', "see and load the images of a cluster's nodes");
command(image, 'load', 'load images from archives (docker save or OCI layout; plain, gzip or zstd)')
  .argument('<file...>')
  .addOption(clusterName())
  .option('--docker', "take them by name from this machine's Docker", false)
  .action(async (files, flags) => (await import('./commands/image.ts')).imageLoadCommand(files, flags));
command(image, 'list', 'list the images')
  .addOption(clusterName())
  .action(async (flags) => (await import('./commands/image.ts')).imageListCommand(flags));

command(program, 'dashboard', 'show a cluster in the browser')
  .addOption(clusterName())
  .option('--kubeconfig <file>', 'kubeconfig to use instead of $KUBECONFIG or ~/.kube/config')
  .addOption(port())
  .option('--no-open', 'do not open the browser')
  .action(async (flags) => (await import('./commands/dashboard.ts')).dashboardCommand(flags, stop.signal));

command(program, 'kubectl', "run this machine's kubectl against a cluster", true)
  .argument('[words...]')
  .addOption(clusterName())
  .passThroughOptions()
  .allowUnknownOption()
  .helpOption(false)
  .action(async (words, flags) => (await import('./commands/kubectl.ts')).kubectlCommand(words, flags, stop.signal));
command(program, 'ip', "print the address of a cluster's control plane", true)
  .addOption(clusterName())
  .action(async (flags) => (await import('./commands/cluster.ts')).addressCommand(flags));

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
  await perform(process.argv.slice(2));
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Does what the words say, ours or those of kind and minikube. */
async function perform(typed: readonly string[]): Promise<void> {
  const { argv, text, exitCode } = meaningOf(typed);
  const output = argv === undefined && exitCode === 0 ? process.stdout : process.stderr;
  if (text !== '') output.write(`${text}\n`);
  if (argv === undefined) process.exitCode = exitCode;
  else await program.parseAsync(argv, { from: 'user' });
}

/** Prints what the user must know of a failure, and decides the exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code.startsWith('kubeling.')) process.stderr.write(`${error.message}\n`);
    return error.exitCode === 0 ? 0 : usageFailure;
  }
  process.stderr.write(`error: ${errorSentence(error)}\n`);
  if (process.env.KUBELING_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (stoppedBy !== undefined) return signalled + constants.signals[stoppedBy];
  return error instanceof UserError ? error.exitCode : 1;
}
