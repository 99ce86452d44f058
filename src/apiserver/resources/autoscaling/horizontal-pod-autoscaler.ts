import {
  HorizontalPodAutoscalers,
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerSpec,
  type HPAScalingRules,
} from '../../../api/autoscaling/v2/types.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, type Errors } from '../checks.ts';
import { checkSpec } from './autoscaler-rules.ts';
import { targetsCell } from './targets-cell.ts';
import { withoutKept } from './kept-annotations.ts';

/** The share of its requests that a pod is to use of the cpu where nothing else is said, in percent. */
export const usualUtilization = 80;

/** Changes the number of pods of a workload by what they use, or by other measurements. */
export const horizontalPodAutoscaler: ResourceDefinition<HorizontalPodAutoscaler> = {
  type: HorizontalPodAutoscalers,

  strategy: {
    hasGeneration: false,

    defaults(draft) {
      withoutKept(draft.metadata);
      const spec = (draft.spec ??= {} as HorizontalPodAutoscalerSpec);
      spec.minReplicas ??= 1;
      if (!spec.metrics?.length)
        spec.metrics = [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: usualUtilization } },
          },
        ];
      if (spec.behavior !== undefined)
        spec.behavior = {
          scaleUp: { ...usualRise(), ...said(spec.behavior.scaleUp) },
          scaleDown: { ...usualFall(), ...said(spec.behavior.scaleDown) },
        };
    },

    prepareForCreate(draft) {
      draft.status = { desiredReplicas: 0, currentMetrics: null };
    },

    validate(object, old) {
      const errors: Errors = [];
      checkSpec(errors, object.spec, old?.spec);
      return errors;
    },

    status: {
      validate: ({ status }) => {
        const errors: Errors = [];
        checkNonNegative(errors, 'status.currentReplicas', status?.currentReplicas);
        checkNonNegative(errors, 'status.desiredReplicas', status?.desiredReplicas);
        return errors;
      },
    },
  },

  columns: { cells: autoscalerCells },
};

export function autoscalerCells({ metadata, spec, status }: Readonly<HorizontalPodAutoscaler>, now: number) {
  const { kind, name } = spec.scaleTargetRef;
  return [
    metadata.name,
    `${kind}/${name}`,
    targetsCell(spec.metrics ?? [], status?.currentMetrics ?? []),
    spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
    spec.maxReplicas,
    status?.currentReplicas ?? 0,
    ageOf({ metadata }, now),
  ];
}

function usualRise(): HPAScalingRules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  };
}

/** How long to wait before pods are taken away is a setting of the controller. */
function usualFall(): HPAScalingRules {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
}

function said(rules: HPAScalingRules | undefined): HPAScalingRules {
  return Object.fromEntries(Object.entries(rules ?? {}).filter(([, value]) => value !== undefined && value !== null));
}
