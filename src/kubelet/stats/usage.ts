import type { ProcessUsage } from '../cgroups/cgroup-usage.ts';

/** Use up to a moment; times are milliseconds since the epoch. */
export interface Usage extends ProcessUsage {
  readonly at: number;
  /** Billionths of a core over the time since an earlier look; absent at the first. */
  readonly nanoCores?: number;
}

/** What the disk under something holds. */
export interface DiskUsage {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly inodesUsed: number;
}

export interface ContainerUsage {
  readonly name: string;
  readonly startedAt: number;
  readonly usage: Usage;
  readonly layer?: { readonly usedBytes: number; readonly inodesUsed: number };
}

export interface PodUsage {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly startedAt: number;
  readonly usage: Usage;
  readonly containers: readonly ContainerUsage[];
}

/** One look at everything that runs on a node. */
export interface NodeUsage {
  readonly name: string;
  /** Since when the node is looked at. */
  readonly startedAt: number;
  readonly usage: Usage;
  /** The part of it that is the pods'. */
  readonly podsUsage: Usage;
  readonly disk?: DiskUsage;
  /** Pods that have running containers. */
  readonly pods: readonly PodUsage[];
}
