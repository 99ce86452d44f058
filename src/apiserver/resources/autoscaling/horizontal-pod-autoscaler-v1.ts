import { HorizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../api/autoscaling/v1/types.ts';
import {
  HorizontalPodAutoscalers as Newer,
  type HorizontalPodAutoscaler as New,
} from '../../../api/autoscaling/v2/types.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { fromNewer, toNewer } from './autoscaler-conversion.ts';
import { autoscalerCells, horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

const newer = horizontalPodAutoscaler.strategy;

/** The first version, which knows of the cpu only and keeps the rest in annotations; stored as the newer one. */
export const horizontalPodAutoscalerV1: ResourceDefinition<HorizontalPodAutoscaler> = {
  type: HorizontalPodAutoscalers,
  storage: {
    type: Newer,
    fromStored: (stored) => fromNewer(stored as New),
    toStored: (object) => toNewer(object as HorizontalPodAutoscaler),
  },

  strategy: {
    hasGeneration: false,

    // What the newer version would fill in, or find in annotations, is seen at once.
    defaults(draft) {
      draft.spec ??= {} as HorizontalPodAutoscaler['spec'];
      draft.spec.minReplicas ??= 1;
      const { metadata, spec, status } = fromNewer(toNewer(draft));
      draft.spec = spec;
      if (draft.status !== undefined) draft.status = status!;
      if (metadata.annotations === undefined) delete draft.metadata.annotations;
      else draft.metadata.annotations = metadata.annotations;
    },

    prepareForCreate(draft) {
      draft.status = { currentReplicas: 0, desiredReplicas: 0 };
    },

    validate: (object, old, context) => newer.validate!(toNewer(object), old && toNewer(old), context),

    status: { validate: (object, old, writer) => newer.status!.validate!(toNewer(object), toNewer(old), writer) },
  },

  columns: { cells: (object, now) => autoscalerCells(toNewer(object), now) },
};
