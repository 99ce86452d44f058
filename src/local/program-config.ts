import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../base/node/system-error.ts';
import { ingressGroup, ingressUser } from '../api/networking/ingress-user.ts';
import type { Taint } from '../api/core/v1/types.ts';
import type { AdmissionSettings } from './admission-settings.ts';

/** What the server program of a cluster reads when it starts (`kubeling server --config FILE`). All paths are absolute. */
export interface ServerProgramConfig {
  /** Folder of the store. */
  readonly data: string;
  /** Folder of the cluster's certificates and keys. */
  readonly pki: string;
  readonly host: string;
  readonly port: number;
  /** Further addresses under which clients reach the server. */
  readonly names: readonly string[];
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The address of each node by its name, as the API knows it. */
  readonly nodeAddresses: Readonly<Record<string, string>>;
  /** Addresses for Services of type LoadBalancer, first and last. */
  readonly loadBalancerRange: string;
  /** Whether nodes are measured and `metrics.k8s.io` is served. */
  readonly metrics: boolean;
  /** Whether Services may have no external IPs. */
  readonly denyExternalIps: boolean;
  /** Whether Secrets are encrypted in the store by the key in `pki`. */
  readonly encryptSecrets: boolean;
  /** The file of audit events, where `apiConfig` has a policy and does not say another. */
  readonly auditLog: string;
  readonly podSecurity?: AdmissionSettings['podSecurity'];
  /** A file of Kubernetes' own configuration kinds. */
  readonly apiConfig?: string;
}

/** What an agent reads when it starts (`kubeling agent --config FILE`). All paths are absolute. */
export interface AgentProgramConfig {
  /** As the API knows it. */
  readonly node: string;
  readonly address: string;
  /** With which the node registers. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly containerdSocket: string;
  /** Certificates of this node. */
  readonly pki: NodePki;
  /** Port of the kubelet's HTTPS server. */
  readonly kubeletPort: number;
  /** Volumes of pods and what else the kubelet keeps. */
  readonly kubeletFolder: string;
  readonly podLogs: string;
  /** Volumes that are made for claims; they outlive their pods. */
  readonly volumesFolder: string;
  /** All files of the nginx that serves Ingresses. */
  readonly nginxFolder: string;
  /** The node's cgroup: those of its pods are below this one, such as `/kubeling/dev/control-plane`. */
  readonly cgroupRoot: string;
  /** What the node has. The agent does not ask the machine: its own bounds are another matter. */
  readonly capacity: { readonly cpus: number; readonly memoryBytes: number };
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The machine's name servers, for pods that use them. */
  readonly resolvConf: string;
}

/** Files of a node. */
export interface NodePki {
  /** The cluster's authority: checks servers and clients. */
  readonly authority: string;
  /** The kubelet's identity as a server: certificate and key in one file. */
  readonly serving: string;
  /** The kubelet's identity as a client of the API server. */
  readonly kubeconfig: string;
  /** Kubeconfigs of the agent's other parts: each is a user of its own, with just the rights of its role. */
  readonly clients: Readonly<Record<AgentClient, string>>;
}

/** Parts of an agent beside the kubelet. */
export const agentClients = ['proxy', 'dns', 'ingress', 'volumes'] as const;
export type AgentClient = (typeof agentClients)[number];

export interface AgentUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The users that those are, on a node of that name. The ingress of each node is one of its own: it reads Secrets. */
export function agentUser(client: AgentClient, node: string): AgentUser {
  if (client === 'ingress') return { name: ingressUser(node), groups: [ingressGroup] };
  const names = { proxy: 'system:kube-proxy', dns: 'system:coredns', volumes: 'system:kubeling-volumes' } as const;
  return { name: names[client], groups: [] };
}

/** Where the files of a node are, below the node's `pki` folder. */
export function nodePki(folder: string): NodePki {
  return {
    authority: join(folder, 'ca.crt'),
    serving: join(folder, 'kubelet-serving.pem'),
    kubeconfig: join(folder, 'kubelet.kubeconfig'),
    clients: {
      proxy: join(folder, 'proxy.kubeconfig'),
      dns: join(folder, 'dns.kubeconfig'),
      ingress: join(folder, 'ingress.kubeconfig'),
      volumes: join(folder, 'volumes.kubeconfig'),
    },
  };
}

/** Reads a program's configuration. Throws when it cannot be read or is not JSON. */
export async function readProgramConfig<T>(file: string): Promise<T> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (cause) {
    throw new Error(`Cannot read configuration "${file}": ${reasonOf(cause)}`, { cause });
  }
}
