/** What is wanted of a new cluster. */
export interface ClusterWish {
  /** The first one is the control plane. */
  readonly nodes: readonly NodeWish[];
}

export interface NodeWish {
  readonly role: NodeRole;
  /** Labels of its Node object, beside those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
}

export type NodeRole = 'control-plane' | 'worker';

/** A control plane and, beyond one node, workers. */
export function wishForNodes(count: number): ClusterWish {
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
