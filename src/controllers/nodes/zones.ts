import type { Node } from '../../api/core/v1/types.ts';
import { readyCondition } from './node-health.ts';

/**
 * How fast pods may be driven off lost nodes of a zone. When all is lost the fault is more likely on our side than on
 * every node's, so nobody is driven off; in a small cluster that has lost more than half, neither.
 */
export type ZoneState = 'normal' | 'partly-lost' | 'lost';

/** How many nodes there are, and how many of them are not ready. */
export interface Census {
  nodes: number;
  lost: number;
}

const lostShare = 0.55;
const largeCluster = 50;
const normalPauseMs = 10_000;
const largePartlyLostPauseMs = 100_000;

export function zoneOf({ metadata }: Readonly<Node>): string {
  const labels = metadata.labels ?? {};
  return `${labels['topology.kubernetes.io/region'] ?? ''}:${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

function zoneState({ nodes, lost }: Readonly<Census>): ZoneState {
  if (lost === nodes && lost > 0) return 'lost';
  return lost > 2 && lost / nodes >= lostShare ? 'partly-lost' : 'normal';
}

/** Counts the nodes of each zone, one node at a time: with thousands of them nobody may walk over all for each. */
export class Zones {
  readonly #nodes = new Map<string, { readonly zone: string; readonly lost: boolean }>();
  readonly #zones = new Map<string, Census>();
  readonly #all: Census = { nodes: 0, lost: 0 };

  set(node: Readonly<Node>): void {
    const { name } = node.metadata;
    const seen = { zone: zoneOf(node), lost: readyCondition(node)?.status !== 'True' };
    const old = this.#nodes.get(name);
    if (old?.zone === seen.zone && old.lost === seen.lost) return;
    this.delete(name);
    this.#nodes.set(name, seen);
    this.#count(seen, 1);
  }

  delete(name: string): void {
    const old = this.#nodes.get(name);
    if (old === undefined) return;
    this.#nodes.delete(name);
    this.#count(old, -1);
  }

  /** Whether every node of every zone is lost: then nothing is evicted anywhere, and what was begun is taken back. */
  get allIsLost(): boolean {
    return zoneState(this.#all) === 'lost';
  }

  /** The pause between two nodes of a zone that pods are driven off; `undefined`: no node at all. */
  evictionPauseMs(zone: string): number | undefined {
    const own = this.#zones.get(zone) ?? { nodes: 0, lost: 0 };
    if (zoneState(own) !== 'partly-lost') return normalPauseMs;
    return own.nodes > largeCluster ? largePartlyLostPauseMs : undefined;
  }

  #count({ zone, lost }: { readonly zone: string; readonly lost: boolean }, by: 1 | -1): void {
    const own = this.#zones.get(zone) ?? { nodes: 0, lost: 0 };
    for (const census of [own, this.#all]) {
      census.nodes += by;
      if (lost) census.lost += by;
    }
    if (own.nodes > 0) this.#zones.set(zone, own);
    else this.#zones.delete(zone);
  }
}
