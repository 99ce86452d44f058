import { join } from 'node:path';
import {
  apiPort,
  cgroupOfNode,
  cgroupOfProgram,
  kubeletPort,
  nodeName,
  type ClusterConfig,
  type ClusterNode,
} from './cluster-config.ts';
import { inside } from './network.ts';
import { machineResources } from './node-resources.ts';
import { labelsForAgent, taintsOf } from './node-roles.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { balancerRange } from './network-plan.ts';
import type { ProgramBounds } from './program-bounds.ts';
import { nodePki, type AgentProgramConfig, type ServerProgramConfig } from './program-config.ts';

/** A program that the supervisor keeps running. */
export interface SupervisedProgram {
  /** `server`, `agent/control-plane`, `containerd/control-plane`. */
  readonly name: string;
  /** Program and arguments; what the process shows as its command line. */
  readonly command: readonly string[];
  /** The file on which the network namespace is mounted that it runs in. */
  readonly network: string;
  readonly log: string;
  /** Files that must be there before it is started. */
  readonly needs: readonly string[];
  readonly bounds: ProgramBounds;
}

/** How this very program is started again with other arguments. */
export interface Launcher {
  readonly interpreter: string;
  readonly script: string;
}

/**
 * What node is started with; the script `kubeling` has the same. New objects take 16 MiB instead of the 128 to which a busy
 * server grows them, and which it does not give back. Garbage among the old ones is collected when they have doubled, not
 * when they have grown up to four times, which a busy machine makes likelier.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=100'];

/**
 * What glibc is told about memory outside of V8's heap; `kubeling` has the same. Two arenas keep less that is free than
 * one for each thread, and a fixed threshold (bytes) gives back what is free at the end, and each large block alone:
 * otherwise glibc raises it to twice the largest block that it ever saw.
 */
export const mallocSettings = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '1048576' } as const;

/**
 * Bounds in MiB: of V8's old objects, where it ends the program with a stack in its log, and of all memory, where the
 * kernel ends it. An agent counts the nginx that it runs.
 */
const memoryOf = { server: { heap: 4096, all: 8192 }, agent: { heap: 1024, all: 2048 } } as const;

/** What only some are started with. An agent makes few objects at once: it takes 4 MiB for new ones, as there are many agents. */
const ownFlags = { server: [], agent: ['--max-semi-space-size=2'] } as const;

/**
 * Who ends last where the machine is short of memory, as Kubernetes has it (pkg/kubelet/qos/policy.go): kubelet and what
 * runs pods -999, the control plane as a critical pod -997, pods from there on.
 */
const oomScores = { node: -999, controlPlane: -997 } as const;

/** What runs for a cluster: a containerd and an agent on each node, and the server on the first one. */
export function clusterPrograms(home: Home, cluster: ClusterConfig, launcher: Launcher): SupervisedProgram[] {
  const paths = clusterPaths(home, cluster.name);
  const start = (program: keyof typeof memoryOf): string[] => [
    launcher.interpreter,
    ...nodeFlags,
    ...ownFlags[program], // the last of two equal flags holds
    `--max-old-space-size=${memoryOf[program].heap}`,
    launcher.script,
  ];
  const bounds = (program: keyof typeof memoryOf, node: ClusterNode, oomScoreAdj: number): ProgramBounds => ({
    oomScoreAdj,
    cgroup: cgroupOfProgram(home, cluster.name, node.name, program),
    memoryBytes: memoryOf[program].all * 2 ** 20,
    sharesCpu: node.resources?.cpus !== undefined,
  });
  const log = (name: string): string => join(paths.logs, `${name}.log`);
  const nodes = cluster.nodes.map((node) => ({ node, files: nodePaths(home, cluster.name, node.name) }));
  const containerds = nodes.map(({ node, files }) => ({
    name: `containerd/${node.name}`,
    command: ['containerd', '--config', files.containerdConfig],
    network: files.networkNamespace,
    log: log(`containerd-${node.name}`),
    needs: [files.power],
    // It has no bound of its own: files of the images that it unpacks count too.
    bounds: {
      oomScoreAdj: oomScores.node,
      ...(node.resources !== undefined && {
        cgroup: cgroupOfProgram(home, cluster.name, node.name, 'containerd'),
        sharesCpu: node.resources.cpus !== undefined,
      }),
    },
  }));
  const server = {
    name: 'server',
    command: [...start('server'), 'server', '--config', paths.serverConfig],
    network: nodes[0]!.files.networkNamespace,
    log: log('server'),
    needs: [nodes[0]!.files.power],
    bounds: bounds('server', cluster.nodes[0]!, oomScores.controlPlane),
  };
  const agents = nodes.map(({ node, files }) => ({
    name: `agent/${node.name}`,
    command: [...start('agent'), 'agent', '--config', files.agentConfig],
    network: files.networkNamespace,
    log: log(`agent-${node.name}`),
    needs: [files.power, files.containerdSocket, nodePki(files.pki).kubeconfig],
    bounds: bounds('agent', node, oomScores.node),
  }));
  return [server, ...containerds, ...agents];
}

/** Logs of a cluster beside those of its programs: the supervisor's own, and those of the nginx that agents run. */
export function otherLogs(home: Home, { name, nodes }: ClusterConfig): string[] {
  const ofNginx = nodes.map((node) => join(nodePaths(home, name, node.name).nginx, 'error.log'));
  return [clusterPaths(home, name).supervisorLog, ...ofNginx];
}

/** The command line that starts a program in its network. */
export function startCommand(program: SupervisedProgram): [string, string[]] {
  const [name, ...args] = program.command;
  return inside({ namespace: program.network }, name!, args);
}

export function serverConfig(home: Home, cluster: ClusterConfig): ServerProgramConfig {
  const { allowExternalIps, podSecurity } = cluster.admission ?? {};
  const paths = clusterPaths(home, cluster.name);
  return {
    data: paths.serverData,
    pki: paths.pki,
    host: cluster.nodes[0]!.address,
    port: apiPort,
    names: cluster.api === undefined || cluster.api.listen === '0.0.0.0' ? [] : [cluster.api.listen],
    podCidr: cluster.ranges.pods,
    serviceCidr: cluster.ranges.services,
    nodeAddresses: Object.fromEntries(
      cluster.nodes.map(({ name, address }) => [nodeName(cluster.name, name), address]),
    ),
    loadBalancerRange: balancerRange(cluster.ranges.nodes),
    metrics: true,
    denyExternalIps: allowExternalIps !== true,
    encryptSecrets: true,
    auditLog: join(paths.logs, 'audit.log'),
    ...(podSecurity !== undefined && { podSecurity }),
    ...(cluster.hasApiConfig === true && { apiConfig: paths.apiConfig }),
  };
}

/** `resolvConf`: the file with the machine's name servers. */
export function agentConfig(
  home: Home,
  cluster: ClusterConfig,
  node: ClusterNode,
  resolvConf: string,
): AgentProgramConfig {
  const files = nodePaths(home, cluster.name, node.name);
  return {
    node: nodeName(cluster.name, node.name),
    address: node.address,
    labels: labelsForAgent(node),
    taints: taintsOf(cluster, node),
    containerdSocket: files.containerdSocket,
    pki: nodePki(files.pki),
    kubeletPort,
    kubeletFolder: files.kubelet,
    volumesFolder: files.volumes,
    podLogs: files.podLogs,
    nginxFolder: files.nginx,
    cgroupRoot: cgroupOfNode(home, cluster.name, node.name),
    capacity: { ...machineResources(), ...node.resources },
    podCidr: cluster.ranges.pods,
    serviceCidr: cluster.ranges.services,
    resolvConf,
  };
}
