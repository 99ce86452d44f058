import { Nodes } from '../api/core/v1/types.ts';
import type { HttpTransport } from '../client/node/http-transport.ts';
import { nodeName, type ClusterConfig } from './cluster-config.ts';

/** The label that `kubectl get nodes` shows under ROLES; nodes may not give it to themselves. */
const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';

/** Marks the nodes of the control plane, as its administrator. */
export async function labelControlPlane(api: HttpTransport, cluster: ClusterConfig): Promise<void> {
  for (const node of cluster.nodes.filter(({ role }) => role === 'control-plane'))
    await api.call({
      verb: 'patch',
      type: Nodes,
      name: nodeName(cluster.name, node.name),
      patchType: 'merge',
      body: { metadata: { labels: { [controlPlaneLabel]: '' } } },
    });
}
