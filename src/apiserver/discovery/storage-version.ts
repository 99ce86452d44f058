import { createHash } from 'node:crypto';
import type { ResourceFacts } from '../../api/resource-facts.ts';

/** Resources that Kubernetes 1.36 keeps in another version than the one they are asked for in, and this server does not. */
const storedElsewhere: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding',
};

/** What discovery shows as `storageVersionHash`: opaque to clients, equal for resources stored in the same form. */
export function storageVersionHash({ type, storageVersion }: Pick<ResourceFacts, 'type' | 'storageVersion'>): string {
  const { group, version, kind } = type;
  const served = `${group}/${version}/${kind}`;
  const stored =
    storageVersion === undefined ? (storedElsewhere[served] ?? served) : `${groupVersionOf(storageVersion)}/${kind}`;
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
}

/** With an empty group for the core. */
function groupVersionOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
}
