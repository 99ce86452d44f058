import type { CustomResourceDefinition } from '../../../api/apiextensions/v1/types.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';
import { invalid, required, type FieldError } from '../../../apimachinery/validation.ts';
import type { NewCondition } from './conditions.ts';

const annotation = 'api-approved.kubernetes.io';
const seeAlso = 'see https://github.com/kubernetes/enhancements/pull/1111';

type State = 'approved' | 'bypassed' | 'missing' | 'invalid';

/** Groups of Kubernetes itself, whose kinds its maintainers must have approved. */
function isProtected(group: string): boolean {
  return ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

function approvalOf({ metadata }: Readonly<CustomResourceDefinition>): {
  readonly state: State;
  readonly reason: string;
} {
  const text = metadata.annotations?.[annotation] ?? '';
  if (text === '')
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation ${goQuote(annotation)}, ${seeAlso}`,
    };
  if (text.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(text)}` };
  if (/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#]+/.test(text)) return { state: 'approved', reason: `approved in ${text}` };
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation ${goQuote(annotation)} with either a URL or a reason starting with ${goQuote('unapproved')}, ${seeAlso}`,
  };
}

/** What is wrong with the approval of a definition in one of these groups; what was so before may stay so. */
export function approvalErrors(
  definition: Readonly<CustomResourceDefinition>,
  old: Readonly<CustomResourceDefinition> | undefined,
): FieldError[] {
  if (!isProtected(definition.spec.group)) return [];
  const { state, reason } = approvalOf(definition);
  if (old !== undefined && approvalOf(old).state === state) return [];
  const path = `metadata.annotations[${annotation}]`;
  if (state === 'missing') return [required(path, reason)];
  return state === 'invalid' ? [invalid(path, definition.metadata.annotations![annotation], reason)] : [];
}

const conditionReasons: Readonly<Record<State, string>> = {
  approved: 'ApprovedAnnotation',
  bypassed: 'UnapprovedAnnotation',
  missing: 'MissingAnnotation',
  invalid: 'InvalidAnnotation',
};

/** What the status tells of it; nothing in other groups. */
export function approvalCondition(definition: Readonly<CustomResourceDefinition>): NewCondition | undefined {
  if (!isProtected(definition.spec.group)) return undefined;
  const { state, reason } = approvalOf(definition);
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: state === 'approved' ? 'True' : 'False',
    reason: conditionReasons[state],
    message: reason,
  };
}
