import type { Pod, Volume } from '../../api/core/v1/types.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import type { Device, Image, Mount } from '../runtime/runtime.ts';

/** The volumes of pods. */
export interface VolumeStore {
  /**
   * Sets up every volume of the pod that is not yet there, and whose time to be tried has come; answers what is to be told.
   * Can be called again.
   */
  setUp(pod: Readonly<Pod>): Promise<VolumeSetUp>;
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
  /** The block volumes that the container uses as they are. Rejects with ConfigurationError. */
  devicesOf(pod: Readonly<Pod>, container: PodContainer): readonly Device[];
  /** Files that show fields of the pod follow its changes. */
  podChanged(pod: Readonly<Pod>): void;
  /** Removes the pod's volumes, and what is in those that live and die with it. */
  tearDown(podUid: string): Promise<void>;
  /** Pods that have volumes on the node. */
  podUids(): Promise<readonly string[]>;
  /** Volumes that others bring to the node and that pods here use, by their names in the node's status. */
  volumesInUse(): readonly string[];
}

export interface VolumeSetUp {
  readonly failures: readonly VolumeFailure[];
  /** When to try those that are not there yet, in milliseconds since the epoch; absent: all are there. */
  readonly againAt?: number;
}

/** For an event. */
export interface VolumeFailure {
  readonly volume: string;
  readonly reason: 'FailedMount' | 'FailedMapVolume';
  readonly message: string;
}
