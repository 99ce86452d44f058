import type {
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../../../api/authorization/v1/types.ts';
import type { ObjectMeta } from '../../../apimachinery/object.ts';
import { refused } from '../../../apimachinery/status.ts';
import { invalid, type FieldError } from '../../../apimachinery/validation.ts';
import type { Attributes, Authorizer, UserInfo } from '../../auth/auth.ts';
import { fieldSelectorOf, labelSelectorOf } from './selectors.ts';

/** What is common to the reviews that ask whether somebody may do something. */
export async function answerAccess(
  authorizer: Authorizer,
  user: UserInfo,
  spec: Readonly<SelfSubjectAccessReviewSpec>,
): Promise<SubjectAccessReviewStatus> {
  const { attributes, problems } = attributesOf(user, spec);
  const decision = await authorizer.authorize(attributes);
  const status: SubjectAccessReviewStatus = { allowed: decision.allowed };
  if (!decision.allowed && decision.denied) status.denied = true;
  if (decision.reason !== '') status.reason = decision.reason;
  const errors = !decision.allowed && decision.error !== undefined ? [decision.error, ...problems] : problems;
  if (errors.length > 0) status.evaluationError = errors.join('; ');
  return status;
}

/** What is asked, and what of it could not be understood. */
interface Question {
  readonly attributes: Attributes;
  readonly problems: readonly string[];
}

function attributesOf(user: UserInfo, spec: Readonly<SelfSubjectAccessReviewSpec>): Question {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes === undefined) return { attributes: ofPath(user, nonResourceAttributes ?? {}), problems: [] };
  return ofResource(user, resourceAttributes);
}

function ofPath(user: UserInfo, { path = '', verb = '' }: NonResourceAttributes): Attributes {
  return { user, verb, path };
}

function ofResource(user: UserInfo, asked: ResourceAttributes): Question {
  const { verb = '', group = '', version = '', resource = '', subresource, namespace, name } = asked;
  const fields = fieldSelectorOf(asked.fieldSelector);
  const labels = labelSelectorOf(asked.labelSelector);
  const attributes = {
    user,
    verb,
    group,
    version: version || '*',
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(fields.text && { fieldSelector: fields.text }),
    ...(labels.text && { labelSelector: labels.text }),
  };
  return { attributes, problems: [fields.problem, labels.problem].filter((one) => one !== undefined) };
}

/** Errors of the part that asks what. */
export function errorsOfQuestion(spec: Readonly<SelfSubjectAccessReviewSpec>): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', shownPath(nonResourceAttributes), why)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid('spec.resourceAttributes', null, why)];
  }
  return [];
}

/** With the names of Kubernetes' internal type, which has no others. */
export function shownPath({ path = '', verb = '' }: NonResourceAttributes): object {
  return { Path: path, Verb: verb };
}

export function errorsOfSubject({ user, groups }: { readonly user?: string; readonly groups?: readonly string[] }) {
  if (user || groups?.length) return [];
  return [invalid('spec.user', '', 'at least one of user or group must be specified')];
}

/** Reviews have no metadata but managed fields, and a namespace where the kind has one. */
export function errorsOfMetadata(metadata: Readonly<ObjectMeta> | undefined, why = 'must be empty'): FieldError[] {
  const { managedFields: _managed, namespace: _namespace, ...rest } = metadata ?? {};
  const set = Object.values(rest).some((value) => value !== undefined && value !== '');
  if (!set) return [];
  const { name = '', ...others } = metadata ?? {};
  return [invalid('metadata', name === '' ? others : metadata, why)];
}

/** Refuses a review; its kind is not named in the message, as the review is no object. */
export function refuseReview(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw refused.invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
}
