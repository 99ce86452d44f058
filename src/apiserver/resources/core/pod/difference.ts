import type { EphemeralContainer, PodSpec, PodTemplateSpec } from '../../../../api/core/v1/types.ts';
import { internalForm, internalText, metadataForm } from './internal-form.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What differs between two specs of a pod. */
export function podSpecDifference(before: Readonly<PodSpec>, after: Readonly<PodSpec>): string {
  return unifiedDiff(internalText(withHostFields(before), 'PodSpec'), internalText(withHostFields(after), 'PodSpec'));
}

export function ephemeralContainerDifference(before: EphemeralContainer, after: EphemeralContainer): string {
  return unifiedDiff(internalText(before, 'EphemeralContainer'), internalText(after, 'EphemeralContainer'));
}

/** The inner form of a template, whose metadata stands in it with the names that users know. */
export function innerTemplate({ metadata, spec }: Readonly<PodTemplateSpec>): object {
  return { ...metadataForm(metadata), Spec: innerPodSpec(spec) };
}

export function innerPodSpec(spec: Readonly<PodSpec>): unknown {
  return internalForm(withHostFields(spec), 'PodSpec');
}

/** Inside, the fields about the host's namespaces belong to the security context. */
function withHostFields(spec: Readonly<PodSpec>): PodSpec {
  const { hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace, securityContext = {} } = spec;
  return {
    ...spec,
    securityContext: { ...securityContext, hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace } as object,
  };
}
