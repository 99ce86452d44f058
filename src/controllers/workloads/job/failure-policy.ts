import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../../api/batch/v1/types.ts';
import type { ContainerStatus, Pod } from '../../../api/core/v1/types.ts';

/** What a policy makes of one failed pod. */
export interface Judgement {
  /** Absent when no rule matches: the failure counts as any. */
  readonly action?: PodFailurePolicyRule['action'];
  /** Why the job fails, where it does. */
  readonly message?: string;
}

/** The first rule that matches decides. */
export function judge(policy: PodFailurePolicy | undefined, pod: Readonly<Pod>): Judgement {
  for (const [at, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    const matched = onExitCodes === undefined ? byConditions(pod, onPodConditions) : byExitCodes(pod, onExitCodes);
    if (matched === undefined) continue;
    return action === 'FailJob' ? { action, message: `${matched} matching ${action} rule at index ${at}` } : { action };
  }
  return {};
}

/** Whether a failure counts towards the limits. */
export function isCounted({ action }: Judgement): boolean {
  return action !== 'Ignore';
}

function byExitCodes(
  { metadata, status }: Readonly<Pod>,
  requirement: PodFailurePolicyOnExitCodesRequirement,
): string | undefined {
  const matches = ({ name, state }: ContainerStatus): boolean => {
    const code = state?.terminated?.exitCode;
    if (code === undefined || code === 0) return false;
    if ((requirement.containerName ?? name) !== name) return false;
    return requirement.values.includes(code) === (requirement.operator === 'In');
  };
  const found = status?.containerStatuses?.find(matches) ?? status?.initContainerStatuses?.find(matches);
  if (found === undefined) return undefined;
  const { namespace, name } = metadata;
  return `Container ${found.name} for pod ${namespace}/${name} failed with exit code ${found.state?.terminated?.exitCode}`;
}

function byConditions(
  { metadata, status }: Readonly<Pod>,
  patterns: PodFailurePolicyRule['onPodConditions'] = [],
): string | undefined {
  const found = status?.conditions?.find((condition) =>
    patterns.some((pattern) => pattern.type === condition.type && (pattern.status ?? 'True') === condition.status),
  );
  return found && `Pod ${metadata.namespace}/${metadata.name} has condition ${found.type}`;
}
