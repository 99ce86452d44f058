import type { Node } from '../../api/core/v1/types.ts';
import { readyCondition } from './node-health.ts';

/**
 * How fast pods may be driven off lost nodes of a zone. When all is lost the fault is more likely on our side than on
 * every node's, so nobody is driven off; in a small cluster that has lost more than half, neither.
 */
export type ZoneState = 'normal' | 'partly-lost' | 'lost';

const lostShare = 0.55;
const largeCluster = 50;
const normalPauseMs = 10_000;
const largePartlyLostPauseMs = 100_000;

export function zoneOf({ metadata }: Readonly<Node>): string {
  const labels = metadata.labels ?? {};
  return `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

export function zoneState(nodes: readonly Readonly<Node>[]): ZoneState {
  const lost = nodes.filter((node) => readyCondition(node)?.status !== 'True').length;
  if (lost === nodes.length && lost > 0) return 'lost';
  return lost > 2 && lost / nodes.length >= lostShare ? 'partly-lost' : 'normal';
}

/** Whether every node of every zone is lost: then nothing is evicted anywhere, and what was begun is taken back. */
export function allIsLost(nodes: readonly Readonly<Node>[]): boolean {
  return nodes.length > 0 && zoneState(nodes) === 'lost';
}

/** The pause between two nodes of a zone that pods are driven off; `undefined`: no node at all. */
export function evictionPauseMs(zone: string, nodes: readonly Readonly<Node>[]): number | undefined {
  const own = nodes.filter((node) => zoneOf(node) === zone);
  const state = zoneState(own);
  if (state !== 'partly-lost') return normalPauseMs;
  return own.length > largeCluster ? largePartlyLostPauseMs : undefined;
}
