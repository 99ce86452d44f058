import type { Node } from '../../api/core/v1/types.ts';

/** What happened to a node, as far as it may help a pod. */
export type NodeChange =
  | 'node-added'
  | 'node-removed'
  | 'node-relabelled'
  | 'node-taints-changed'
  | 'node-allocatable-changed';

type Entries = Readonly<Record<string, string>> | undefined;

export function sameEntries(a: Entries = {}, b: Entries = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

export function sameTaints(a: Readonly<Node>, b: Readonly<Node>): boolean {
  return (
    (a.spec.unschedulable ?? false) === (b.spec.unschedulable ?? false) &&
    JSON.stringify(a.spec.taints ?? []) === JSON.stringify(b.spec.taints ?? [])
  );
}

export function sameImages(a: Readonly<Node>, b: Readonly<Node>): boolean {
  return JSON.stringify(a.status?.images ?? []) === JSON.stringify(b.status?.images ?? []);
}
