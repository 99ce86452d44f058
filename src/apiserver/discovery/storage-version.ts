import { createHash } from 'node:crypto';
import type { ResourceType } from '../../apimachinery/resource-type.ts';

/** Resources that Kubernetes 1.36 keeps under another group or version than the one they are asked for in. */
const storedElsewhere: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'events.k8s.io/v1/Event': '/v1/Event',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.k8s.io/v1beta1/MutatingAdmissionPolicyBinding',
};

/** What discovery shows as `storageVersionHash`: opaque to clients, equal for resources stored in the same form. */
export function storageVersionHash({ group, version, kind }: ResourceType): string {
  const served = `${group}/${version}/${kind}`;
  const stored = storedElsewhere[served] ?? served;
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
}
