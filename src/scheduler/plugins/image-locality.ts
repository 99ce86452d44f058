import { bestScore, type SchedulerPlugin, type ScoreStage } from '../framework/plugin.ts';

const mebibyte = 1 << 20;
/** Smaller images are not worth a preference, larger ones not a stronger one (Kubernetes' thresholds). */
const smallest = 23 * mebibyte;
const largestPerContainer = 1000 * mebibyte;

interface Images {
  /** The worth of each image in bytes, less where few nodes have it, so that pods do not all crowd there. */
  readonly worth: readonly { readonly name: string; readonly spread: number }[];
  readonly largest: number;
}

/** Prefers nodes that have the pod's images already. */
export const imageLocality: SchedulerPlugin = {
  name: 'ImageLocality',
  retryOn: [],
  score: {
    weight: 1,
    prepare({ pod }, _nodes, cluster) {
      if (!cluster.knowsImages) return undefined;
      const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const worth = containers
        .map(({ image }) => normalName(image ?? ''))
        .map((name) => ({ name, spread: cluster.nodesWithImage(name) / cluster.nodes.length }))
        .filter(({ spread }) => spread > 0);
      return worth.length === 0 ? undefined : { worth, largest: largestPerContainer * containers.length };
    },
    score({ worth, largest }, { images }) {
      let sum = 0;
      for (const { name, spread } of worth) sum += Math.floor((images.get(name) ?? 0) * spread);
      const bounded = Math.min(Math.max(sum, smallest), largest);
      return Math.floor((bestScore * (bounded - smallest)) / (largest - smallest));
    },
  } satisfies ScoreStage<Images>,
};

/** Nodes report images with their tag; no tag means `latest`. */
function normalName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
