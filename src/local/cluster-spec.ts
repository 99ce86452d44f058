import type { AdmissionSettings } from './admission-settings.ts';
import type { NodeResources } from './node-resources.ts';

/** What is wanted of a new cluster; what is not said is chosen. */
export interface ClusterSpec {
  /** The first one is the control plane. */
  readonly nodes: readonly NodeSpec[];
  /** IPv4 ranges of pods and of Services. */
  readonly pods?: string;
  readonly services?: string;
  /** Where this machine shows the API, beside the node's own address; port 0 is any that is free. */
  readonly api?: { readonly address: string; readonly port: number };
  readonly admission?: AdmissionSettings;
}

export interface NodeSpec {
  readonly role: NodeRole;
  /** Labels of its Node object, beside those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly ports?: readonly PortRequest[];
  readonly resources?: NodeResources;
}

export type NodeRole = 'control-plane' | 'worker';

/** A port of this machine that leads to a port of a node. */
export interface PortMapping {
  /** The address of this machine; `0.0.0.0` stands for all. */
  readonly listen: string;
  readonly hostPort: number;
  readonly nodePort: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** `hostPort` 0 is any that is free; `field` is where the user asked for it. */
export interface PortRequest extends PortMapping {
  readonly field: string;
}

/** A control plane and, beyond one node, workers. */
export function specForNodes(count: number): ClusterSpec {
  return { nodes: Array.from({ length: count }, (_, index) => ({ role: index === 0 ? 'control-plane' : 'worker' })) };
}

/** The names of the nodes within their cluster, as kind gives them: `control-plane`, `worker`, `worker2`. */
export function nodeNames(roles: readonly NodeRole[]): string[] {
  const counts = { 'control-plane': 0, worker: 0 };
  return roles.map((role) => {
    const number = ++counts[role];
    return number === 1 ? role : `${role}${number}`;
  });
}
