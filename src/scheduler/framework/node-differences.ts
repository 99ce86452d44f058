import type { Node } from '../../api/core/v1/types.ts';

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
