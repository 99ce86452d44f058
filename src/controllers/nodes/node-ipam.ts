import { Nodes, type Node } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { CidrPool } from './cidr-pool.ts';

/** Prefix length of a node's part of the pod network where nothing else is said: room for 254 pods. */
const usualPrefix = 24;

/** Gives every node its own part of the pod network, and takes it back when the node is gone. */
export function nodeIpamController(podCidr: string, nodePrefix = usualPrefix): Controller<Node> {
  const pool = new CidrPool(podCidr, nodePrefix);
  /** By node name. What was given counts from then on, before the caches show it. */
  const given = new Map<string, string>();
  let hasLearnt = false;
  return {
    name: 'node-ipam-controller',
    identity: 'node-controller',
    for: Nodes,

    async reconcile(key, cluster) {
      if (!hasLearnt) {
        hasLearnt = true;
        for (const { metadata, spec } of cluster.list(Nodes)) if (spec?.podCIDR) given.set(metadata.name, spec.podCIDR);
        given.forEach((cidr) => pool.take(cidr));
      }
      const node = cluster.get(Nodes, key);
      if (node === undefined) {
        pool.release(given.get(key.name) ?? '');
        given.delete(key.name);
        return settled;
      }
      if (node.spec?.podCIDR) {
        given.set(key.name, node.spec.podCIDR);
        pool.take(node.spec.podCIDR);
        return settled;
      }
      const cidr = given.get(key.name) ?? pool.next();
      if (cidr === undefined) {
        cluster.events.record(node, 'Normal', 'CIDRNotAvailable', `Node ${key.name} status is now: CIDRNotAvailable`);
        throw new Error(`Cannot give node "${key.name}" a pod network: all of ${podCidr} is taken`);
      }
      given.set(key.name, cidr);
      await cluster.patch(Nodes, key, {
        type: 'merge',
        body: { metadata: { uid: node.metadata.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } },
      });
      return settled;
    },
  };
}
