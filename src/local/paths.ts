import { join } from 'node:path';

/** Where clusters keep what must survive a reboot, and what must not. */
export interface Home {
  /** Absolute; by default `/var/lib/kubeling`. */
  readonly data: string;
  /** Absolute and short (unix socket paths end at 108 bytes); by default `/run/kubeling`. */
  readonly run: string;
}

export const systemHome: Home = { data: '/var/lib/kubeling', run: '/run/kubeling' };

/** The files of one cluster. Everything below `data` and `run` is removed with the cluster. */
export interface ClusterPaths {
  readonly data: string;
  readonly run: string;
  readonly config: string;
  /** Certificates and keys of the control plane. */
  readonly pki: string;
  /** The administrator's kubeconfig. */
  readonly adminKubeconfig: string;
  readonly serverConfig: string;
  /** Kubernetes' own configuration kinds for the API server; only clusters that were made with some have it. */
  readonly apiConfig: string;
  /** The server's store. */
  readonly serverData: string;
  readonly logs: string;
  readonly supervisorLog: string;
  /** What the supervisor runs: pids and start times. */
  readonly processes: string;
}

/** The files of one node. Those below `run` are gone when the node is off. */
export interface NodePaths {
  readonly data: string;
  readonly run: string;
  /** Is there while the node is on: only then the supervisor starts its programs. */
  readonly power: string;
  readonly agentConfig: string;
  /** The node's certificates and kubeconfig. */
  readonly pki: string;
  /** Pod volumes and the like. */
  readonly kubelet: string;
  readonly podLogs: string;
  /** Volumes that are made for claims. */
  readonly volumes: string;
  readonly containerdConfig: string;
  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  /** Registries and mirrors as containerd describes them, a folder for each host, for all nodes of the cluster. */
  readonly registries: string;
  readonly runcState: string;
  readonly cniTemplate: string;
  readonly cniConfig: string;
  readonly cniAddresses: string;
  /** A network namespace is mounted on this file. */
  readonly networkNamespace: string;
  /** All files of nginx. Its workers are not root and may pass through here, but not through the cluster's data. */
  readonly nginx: string;
}

/** Folder below which all clusters are; each has one named after it. */
export function clustersFolder(home: Home): string {
  return join(home.data, 'clusters');
}

export function clusterPaths(home: Home, cluster: string): ClusterPaths {
  const data = join(clustersFolder(home), cluster);
  const run = join(home.run, cluster);
  return {
    data,
    run,
    config: join(data, 'cluster.json'),
    pki: join(data, 'pki'),
    adminKubeconfig: join(data, 'pki', 'admin.kubeconfig'),
    serverConfig: join(data, 'server.json'),
    apiConfig: join(data, 'api-config.yaml'),
    serverData: join(data, 'server'),
    logs: join(data, 'logs'),
    supervisorLog: join(data, 'logs', 'supervisor.log'),
    processes: join(run, 'processes.json'),
  };
}

/** `node` is the name within the cluster, `control-plane` or `worker2`: the full name would make socket paths too long. */
export function nodePaths(home: Home, cluster: string, node: string): NodePaths {
  const paths = clusterPaths(home, cluster);
  const data = join(paths.data, 'nodes', node);
  const run = join(paths.run, node);
  return {
    data,
    run,
    power: join(run, 'on'),
    agentConfig: join(data, 'agent.json'),
    pki: join(data, 'pki'),
    kubelet: join(data, 'kubelet'),
    podLogs: join(data, 'pod-logs'),
    volumes: join(data, 'volumes'),
    containerdConfig: join(data, 'containerd.toml'),
    containerdRoot: join(data, 'containerd'),
    containerdState: join(run, 'containerd'),
    containerdSocket: join(run, 'containerd.sock'),
    registries: join(paths.data, 'registries'),
    runcState: join(run, 'runc'),
    cniTemplate: join(data, 'cni-template.json'),
    cniConfig: join(run, 'cni'),
    cniAddresses: join(run, 'addresses'),
    networkNamespace: join(run, 'network'),
    nginx: join(run, 'nginx'),
  };
}
