import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { DeniedPackets } from '../stats/kubelet-metrics.ts';
import type { NodeUsage } from '../stats/usage.ts';

/** A container as the node knows it. */
export interface FoundContainer {
  readonly containerId: string;
  /** Absolute path of its log file. */
  readonly logPath: string;
}

/** What the kubelet's server asks the rest of the kubelet. */
export interface KubeletHost {
  readonly runtime: ContainerRuntime;
  readonly nodeName: string;
  /** The pods of this node, with the status that the kubelet sees. */
  pods(): readonly Pod[];
  /**
   * The container of this name (init and ephemeral ones too): the one that runs or ran last, or the one before it
   * (`previous`). A text says why there is none, in the words of `kubectl logs`: `container "a" in pod "b" is waiting to
   * start: ContainerCreating`. With a `uid`, of the pod that has it alone.
   */
  findContainer(
    namespace: string,
    pod: string,
    container: string,
    previous: boolean,
    uid?: string,
  ): FoundContainer | string;
  /** The sandbox that runs for a pod; with a `uid`, for the pod that has it alone. */
  findSandbox(namespace: string, pod: string, uid?: string): string | undefined;
  /** What the node and its pods use now. */
  usage(): Promise<NodeUsage>;
  /** What network policies have refused on this node, where somebody counts it. */
  denied?(): readonly DeniedPackets[];
}
