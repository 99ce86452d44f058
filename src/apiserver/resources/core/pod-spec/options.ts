/** Where a pod spec stands; a few rules hold only for real pods. */
export interface PodSpecPlace {
  /** A pod itself, not a template of pods. */
  readonly isPod: boolean;
  /** The pod's name, where it is known: generic ephemeral volumes are named after it. */
  readonly podName?: string;
}

export const inTemplate: PodSpecPlace = { isPod: false };
