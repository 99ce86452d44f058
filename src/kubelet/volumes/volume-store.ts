import type { Pod, Volume } from '../../api/core/v1/types.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import type { Image, Mount } from '../runtime/runtime.ts';

/** The volumes of pods. */
export interface VolumeStore {
  /** Sets up every volume of the pod that is not yet there; answers those that could not be. Can be called again. */
  setUp(pod: Readonly<Pod>): Promise<readonly VolumeFailure[]>;
  /**
   * Lets the pod's volume show an image, which `pull` answers. It is asked once in a pod's life: until that ends the volume
   * shows the same image. Rejects as `pull` does.
   */
  showImage(pod: Readonly<Pod>, volume: Volume, pull: () => Promise<Image>): Promise<void>;
  /** What the container sees of the pod's volumes. `variable` expands `subPathExpr`. Rejects with ConfigurationError. */
  mountsOf(
    pod: Readonly<Pod>,
    container: PodContainer,
    variable: (name: string) => string | undefined,
  ): Promise<readonly Mount[]>;
  /** Files that show fields of the pod follow its changes. */
  podChanged(pod: Readonly<Pod>): void;
  /** Removes the pod's volumes, and what is in those that live and die with it. */
  tearDown(podUid: string): Promise<void>;
  /** Pods that have volumes on the node. */
  podUids(): Promise<readonly string[]>;
}

export interface VolumeFailure {
  readonly volume: string;
  readonly message: string;
}
