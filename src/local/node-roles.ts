import { Nodes, type Taint } from '../api/core/v1/types.ts';
import type { HttpTransport } from '../client/node/http-transport.ts';
import { nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts';

/** The label that `kubectl get nodes` shows under ROLES, and the taint that keeps a control plane free of other work. */
const controlPlane = 'node-role.kubernetes.io/control-plane';

/** A control plane is kept free where there are others to do the work. */
export function taintsOf(cluster: ClusterConfig, node: ClusterNode): Taint[] {
  const hasWorkers = cluster.nodes.some(({ role }) => role === 'worker');
  return node.role === 'control-plane' && hasWorkers ? [{ key: controlPlane, effect: 'NoSchedule' }] : [];
}

/** The labels with which a node may register: in Kubernetes' own domains, nodes may give themselves only few. */
export function labelsForAgent({ labels }: ClusterNode): Record<string, string> {
  const isFree = (key: string): boolean => !/(^|\.)(kubernetes|k8s)\.io\//.test(key);
  return Object.fromEntries(Object.entries(labels).filter(([key]) => isFree(key)));
}

/** All labels that the cluster's configuration gives a node. */
export function labelsOf({ role, labels }: ClusterNode): Record<string, string> {
  return role === 'control-plane' ? { ...labels, [controlPlane]: '' } : { ...labels };
}

/** Gives the nodes their labels, as the cluster's administrator. */
export async function labelNodes(api: HttpTransport, cluster: ClusterConfig): Promise<void> {
  for (const node of cluster.nodes) {
    const labels = labelsOf(node);
    if (Object.keys(labels).length === 0) continue;
    const name = nodeName(cluster.name, node.name);
    await api.call({ verb: 'patch', type: Nodes, name, patchType: 'merge', body: { metadata: { labels } } });
  }
}
