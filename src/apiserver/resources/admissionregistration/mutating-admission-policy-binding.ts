import { MutatingAdmissionPolicyBindings } from '../../../api/admissionregistration/v1/types.ts';
import { policyBinding } from './policy-binding.ts';

/** Where a policy that changes objects is in force. */
export const mutatingAdmissionPolicyBinding = policyBinding(MutatingAdmissionPolicyBindings);
