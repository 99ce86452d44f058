import { Nodes, type Node } from '../../api/core/v1/types.ts';
import { isServedIngress } from '../../api/networking/served-ingress.ts';
import { IngressClasses, Ingresses, type Ingress } from '../../api/networking/v1/types.ts';
import { keyOf } from '../../apimachinery/object.ts';
import { againAfter, settled, type ClusterReader, type Controller } from '../../reconciler/controller.ts';
import { ingressAddresses, matters, writerOf } from './addresses.ts';

/** How old an Ingress is when it is told where it is reached: nginx has taken it over by then, on all nodes. */
const tellAtMs = 2_000;

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
      const classOf = (name: string) => cluster.get(IngressClasses, { name });
      if (writerOf(nodes) !== nodeName || !isServedIngress(ingress, classOf)) return settled;
      const wanted = ingressAddresses(nodes).map((ip) => ({ ip }));
      const present = ingress.status?.loadBalancer?.ingress ?? [];
      if (present.length === wanted.length && present.every(({ ip }, index) => ip === wanted[index]!.ip))
        return settled;
      const ageMs = cluster.clock.now() - Date.parse(ingress.metadata.creationTimestamp ?? '');
      if (present.length === 0 && ageMs >= 0 && ageMs < tellAtMs) return againAfter(tellAtMs - ageMs);
      await cluster.updateStatus(Ingresses, ingress, { loadBalancer: { ingress: wanted } });
      return settled;
    },
  };
}
