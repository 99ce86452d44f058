import type { Pod } from '../../api/core/v1/types.ts';
import type { ProcessUsage } from './cgroup-usage.ts';

/** The control groups above a pod's containers: one for its class of service, in it one for the pod. */
export interface PodCgroups {
  readonly version: 1 | 2;
  /** Makes the pod's group and sets its limits; answers the path that the runtime puts the containers below. */
  create(pod: Readonly<Pod>): Promise<string>;
  /**
   * Brings the pod's group from what one form of the pod asks for to what another does. In between it leaves room for
   * both, for `between` to change the containers' own groups.
   */
  resize(from: Readonly<Pod>, to: Readonly<Pod>, between: () => Promise<void>): Promise<void>;
  /** The same path, without making anything. */
  pathOf(pod: Readonly<Pod>): string;
  /** Removes the group of a pod whose containers are gone. */
  remove(podUid: string): Promise<void>;
  /** Pods that have a group. */
  podUids(): Promise<readonly string[]>;
  /** What a pod has used, or all pods of the node together; `undefined` where nothing counts. */
  usage(pod?: Readonly<Pod>): Promise<ProcessUsage | undefined>;
}

/** For pods without processes. */
export const noPodCgroups: PodCgroups = {
  version: 2,
  create: async () => '',
  resize: (_from, _to, between) => between(),
  pathOf: () => '',
  remove: async () => undefined,
  podUids: async () => [],
  usage: async () => undefined,
};
