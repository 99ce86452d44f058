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

/** What is common to the reviews that ask whether somebody may do something. */
export function answerAccess(
  authorizer: Authorizer,
  user: UserInfo,
  spec: Readonly<SelfSubjectAccessReviewSpec>,
): SubjectAccessReviewStatus {
  const decision = authorizer.authorize(attributesOf(user, spec));
  const status: SubjectAccessReviewStatus = { allowed: decision.allowed };
  if (!decision.allowed && decision.denied) status.denied = true;
  if (decision.reason !== '') status.reason = decision.reason;
  return status;
}

function attributesOf(user: UserInfo, spec: Readonly<SelfSubjectAccessReviewSpec>): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes === undefined) return ofPath(user, nonResourceAttributes ?? {});
  return ofResource(user, resourceAttributes);
}

function ofPath(user: UserInfo, { path = '', verb = '' }: NonResourceAttributes): Attributes {
  return { user, verb, path };
}

function ofResource(user: UserInfo, asked: ResourceAttributes): Attributes {
  const { verb = '', group = '', version = '', resource = '', subresource, namespace, name } = asked;
  const fieldSelector = selectorText(asked.fieldSelector);
  const labelSelector = selectorText(asked.labelSelector);
  return {
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(fieldSelector && { fieldSelector }),
    ...(labelSelector && { labelSelector }),
  };
}

/** Only what demands one value of a field is passed on: without the rest the question is wider, so never allowed more. */
function selectorText(selector: ResourceAttributes['fieldSelector']): string {
  if (selector?.rawSelector) return selector.rawSelector;
  const terms = (selector?.requirements ?? []).flatMap(({ key, operator, values }) =>
    operator === 'In' && values?.length === 1 ? [`${key}=${values[0]}`] : [],
  );
  return terms.join(',');
}

/** Errors of the part that asks what. */
export function errorsOfQuestion(spec: Readonly<SelfSubjectAccessReviewSpec>): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', nonResourceAttributes, why)];
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid('spec.resourceAttributes', null, why)];
  }
  return [];
}

export function errorsOfSubject({ user, groups }: { readonly user?: string; readonly groups?: readonly string[] }) {
  if (user || groups?.length) return [];
  return [invalid('spec.user', '', 'at least one of user or group must be specified')];
}

/** Reviews have no metadata but managed fields, and a namespace where the kind has one. */
export function errorsOfMetadata(metadata: Readonly<ObjectMeta> | undefined, why = 'must be empty'): FieldError[] {
  const { managedFields: _managed, namespace: _namespace, ...rest } = metadata ?? {};
  const set = Object.values(rest).some((value) => value !== undefined && value !== '');
  return set ? [invalid('metadata', metadata, why)] : [];
}

/** Refuses a review; its kind is not named in the message, as the review is no object. */
export function refuseReview(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw refused.invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
}
