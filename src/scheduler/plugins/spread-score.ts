import type { NodeInfo } from '../framework/node-info.ts';
import { bestScore, type ScoreStage } from '../framework/plugin.ts';
import {
  eligibleNodes,
  hostnameLabel,
  podsByNode,
  softConstraints,
  type SpreadConstraint,
} from './spread-constraint.ts';

interface Skews {
  readonly terms: readonly Term[];
  /** Nodes without the labels of the pod's own constraints; they come last. */
  readonly ignored: ReadonlySet<NodeInfo>;
  readonly nodes: readonly NodeInfo[];
}

interface Term {
  readonly constraint: SpreadConstraint;
  /** Matching pods by node, for the label that every node has its own value of; else by value. */
  readonly byNode: ReadonlyMap<NodeInfo, number>;
  readonly byValue: ReadonlyMap<string, number> | undefined;
  /** Few domains hold more pods each, which must not make them count for more. */
  readonly weight: number;
}

/** Prefers nodes whose domains have fewer of the pods that should be spread. */
export const spreadScore: ScoreStage<Skews> = {
  weight: 2,

  prepare(pod, nodes, cluster) {
    const { constraints, areOwn } = softConstraints(pod, cluster);
    if (constraints.length === 0) return undefined;
    const ignored = new Set(
      areOwn
        ? nodes.filter(({ labels }) => constraints.some(({ topologyKey }) => labels[topologyKey] === undefined))
        : [],
    );
    const terms = constraints.map((constraint) => {
      const byNode = podsByNode(constraint, cluster);
      if (constraint.topologyKey === hostnameLabel)
        return { constraint, byNode, byValue: undefined, weight: logWeight(nodes.length - ignored.size) };
      const byValue = new Map<string, number>();
      for (const node of nodes) {
        const value = node.labels[constraint.topologyKey];
        if (value !== undefined && !ignored.has(node)) byValue.set(value, 0);
      }
      const counting =
        byNode.size === 0 || byValue.size === 0 ? [] : [...byNode.keys()].filter((node) => node.node !== undefined);
      for (const node of eligibleNodes([constraint], pod, counting)[0]!) {
        const value = node.labels[constraint.topologyKey]!;
        const count = byValue.get(value);
        if (count !== undefined) byValue.set(value, count + byNode.get(node)!);
      }
      return { constraint, byNode, byValue, weight: logWeight(byValue.size) };
    });
    return { terms, ignored, nodes };
  },

  score({ terms, ignored }, node) {
    if (ignored.has(node)) return 0;
    let score = 0;
    for (const { constraint, byNode, byValue, weight } of terms) {
      const value = node.labels[constraint.topologyKey];
      if (value === undefined) continue;
      const count = byValue === undefined ? (byNode.get(node) ?? 0) : (byValue.get(value) ?? 0);
      score += count * weight + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  },

  normalize(scores, { ignored, nodes }) {
    let [least, most] = [Infinity, 0];
    for (let i = 0; i < scores.length; i++) {
      if (ignored.has(nodes[i]!)) continue;
      least = Math.min(least, scores[i]!);
      most = Math.max(most, scores[i]!);
    }
    for (let i = 0; i < scores.length; i++) {
      if (ignored.has(nodes[i]!)) scores[i] = 0;
      else scores[i] = most === 0 ? bestScore : Math.floor((bestScore * (most + least - scores[i]!)) / most);
    }
  },
};

function logWeight(domains: number): number {
  return Math.log(domains + 2);
}
