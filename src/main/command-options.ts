import { CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultCluster, nameProblem } from '../local/cluster-config.ts';
import { parseCpus, parseMemory } from '../local/node-resources.ts';

/** Exit code for command lines that cannot be understood. */
export const usageFailure = 2;
const mostNodes = 100;

export function anyClusterName(description = 'name of the cluster'): Option {
  return new Option('--name <name>', description).argParser((value: string) => {
    const problem = nameProblem(value);
    if (problem !== undefined)
      throw new CommanderError(usageFailure, 'kubeling.name', `error: cluster name "${value}" ${problem}`);
    return value;
  });
}

export function clusterName(): Option {
  return anyClusterName().default(defaultCluster);
}

export function nodeCount(): Option {
  return new Option(
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
}

export function nodeCpus(): Option {
  return amount(
    '--cpus <count>',
    'CPUs of each node (default: all of this machine)',
    parseCpus,
    'It must be a number such as 2 or 0.5.',
  );
}

export function nodeMemory(): Option {
  return amount(
    '--memory <size>',
    'memory of each node, such as 4096 (MiB) or 4g (default: all of this machine)',
    parseMemory,
    'It must be a number of MiB, or one with a unit: 4096, 4g, 512m.',
  );
}

function amount(flags: string, description: string, read: (text: string) => number | undefined, rule: string): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = read(text);
    if (value === undefined) throw new InvalidArgumentError(rule);
    return value;
  });
}

export function kubeconfig(): Option {
  return new Option('--kubeconfig <file>', 'kubeconfig to change instead of $KUBECONFIG or ~/.kube/config');
}

export function port(): Option {
  return new Option('--port <port>', 'port of 127.0.0.1').default(0, 'one that is free').argParser((text: string) => {
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
    throw new InvalidArgumentError('It must be a number up to 65535.');
  });
}
