import type { EphemeralContainer, PodSpec } from '../../../../api/core/v1/types.ts';
import { internalText } from './internal-form.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What differs between two specs of a pod. */
export function podSpecDifference(before: Readonly<PodSpec>, after: Readonly<PodSpec>): string {
  return unifiedDiff(internalText(withHostFields(before), 'PodSpec'), internalText(withHostFields(after), 'PodSpec'));
}

export function ephemeralContainerDifference(before: EphemeralContainer, after: EphemeralContainer): string {
  return unifiedDiff(internalText(before, 'EphemeralContainer'), internalText(after, 'EphemeralContainer'));
}

/** Inside, the fields about the host's namespaces belong to the security context. */
function withHostFields(spec: Readonly<PodSpec>): PodSpec {
  const { hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace, securityContext = {} } = spec;
  return {
    ...spec,
    securityContext: { ...securityContext, hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace } as object,
  };
}
