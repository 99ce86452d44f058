import { Nodes, type Node } from '../../api/core/v1/types.ts';
import { IngressClasses, Ingresses, type Ingress } from '../../api/networking/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { isOurs } from '../routes/classes.ts';
import { ingressAddresses, matters, writerOf } from './addresses.ts';

/** Writes into the status of each Ingress where it is reached. One node does it for all. */
export function statusController(nodeName: string): Controller<Ingress> {
  const all = (cluster: ClusterReader) => cluster.list(Ingresses).map(keyOf);
  return {
    name: 'ingress-status-controller',
    for: Ingresses,
    watches: [
      { type: Nodes, wakes: (node: Node, cluster, before?: Node) => (matters(node, before) ? all(cluster) : []) },
      { type: IngressClasses, wakes: (_class, cluster) => all(cluster) },
    ],
    async reconcile(key, cluster) {
      const ingress = cluster.get(Ingresses, key);
      const nodes = cluster.list(Nodes);
      if (ingress === undefined || ingress.metadata.deletionTimestamp !== undefined) return settled;
      if (writerOf(nodes) !== nodeName || !isOurs(ingress, cluster.list(IngressClasses))) return settled;
      const wanted = ingressAddresses(nodes).map((ip) => ({ ip }));
      const present = ingress.status?.loadBalancer?.ingress ?? [];
      if (present.length === wanted.length && present.every(({ ip }, index) => ip === wanted[index]!.ip))
        return settled;
      await cluster.updateStatus(Ingresses, ingress, { loadBalancer: { ingress: wanted } });
      return settled;
    },
  };
}
