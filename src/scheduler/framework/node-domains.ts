import type { NodeInfo } from './node-info.ts';

/** Which nodes have the same values of some labels. */
export interface NodeDomains {
  /** How many combinations of values there are; those of nodes without a label are among them. */
  readonly count: number;
  /** The number of each node's combination, by its place in the list, from 0 on. */
  readonly of: Int32Array;
}

export function nodeDomains(nodes: readonly NodeInfo[], labels: readonly string[]): NodeDomains {
  const numbers = new Map<string, number>();
  const of = Int32Array.from(nodes, (node) => {
    const values = JSON.stringify(labels.map((label) => node.labels[label]));
    const known = numbers.get(values);
    if (known !== undefined) return known;
    numbers.set(values, numbers.size);
    return numbers.size - 1;
  });
  return { count: numbers.size, of };
}
