import { Nodes, type Node } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { readyCondition } from './node-health.ts';

/** How many seconds a kubelet may use Secrets and ConfigMaps that it has read, where it does not watch them. */
export const ttlAnnotation = 'node.alpha.kubernetes.io/ttl';

/** By the number of nodes. They overlap, so that one node that comes and goes changes nothing. */
const steps = [
  { least: 0, most: 100, seconds: 0 },
  { least: 90, most: 500, seconds: 15 },
  { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 },
  { least: 1800, most: Infinity, seconds: 300 },
] as const;

/** The step for a number of nodes, where `step` was the one before. */
export function ttlStep(nodes: number, step: number): number {
  while (nodes > steps[step]!.most) step++;
  while (nodes < steps[step]!.least) step--;
  return step;
}

/** Tells nodes how long what they have read may be used: the longer, the more of them there are. */
export function nodeTtlController(): Controller<Node> {
  let nodes: Set<string> | undefined;
  let step = 0;
  return {
    name: 'ttl-controller',
    for: Nodes,

    async reconcile(key, cluster) {
      nodes ??= new Set(cluster.list(Nodes).map(({ metadata }) => metadata.name));
      const node = cluster.get(Nodes, key);
      if (node === undefined) nodes.delete(key.name);
      else nodes.add(key.name);
      step = ttlStep(nodes.size, step);
      const seconds = String(steps[step]!.seconds);
      if (node === undefined || node.metadata.annotations?.[ttlAnnotation] === seconds) return settled;
      // Nodes learn of a new step when they are written next. While very many come the step changes: those that are not
      // ready are written by others soon.
      if (step > 0 && readyCondition(node)?.status !== 'True') return settled;
      await cluster.patch(Nodes, key, {
        type: 'merge',
        body: { metadata: { uid: node.metadata.uid, annotations: { [ttlAnnotation]: seconds } } },
      });
      return settled;
    },
  };
}
