import type { PodFailurePolicy, SuccessPolicy } from '../../../api/batch/v1/types.ts';

/** Refusals quote these policies as Kubernetes' server keeps them: with other names, and unset fields too. */
export function innerSuccessPolicy({ rules }: SuccessPolicy): object {
  return {
    Rules:
      rules?.map(({ succeededIndexes = null, succeededCount = null }) => ({
        SucceededIndexes: succeededIndexes,
        SucceededCount: succeededCount,
      })) ?? null,
  };
}

export function innerFailurePolicy({ rules }: PodFailurePolicy): object {
  return {
    Rules:
      rules?.map(({ action, onExitCodes, onPodConditions }) => ({
        Action: action,
        OnExitCodes:
          onExitCodes === undefined
            ? null
            : {
                ContainerName: onExitCodes.containerName ?? null,
                Operator: onExitCodes.operator,
                Values: onExitCodes.values ?? null,
              },
        OnPodConditions: onPodConditions?.map(({ type, status }) => ({ Type: type, Status: status })) ?? null,
      })) ?? null,
  };
}
