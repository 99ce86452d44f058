import {
  LocalSubjectAccessReviews,
  SelfSubjectAccessReviews,
  SubjectAccessReviews,
  type LocalSubjectAccessReview,
  type SelfSubjectAccessReview,
  type SubjectAccessReview,
  type SubjectAccessReviewSpec,
} from '../../../api/authorization/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import { invalid, type FieldError } from '../../../apimachinery/validation.ts';
import type { Authorizer, UserInfo } from '../../auth/auth.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';
import {
  answerAccess,
  errorsOfMetadata,
  errorsOfQuestion,
  errorsOfSubject,
  refuseReview,
  shownPath,
} from './access-review.ts';
import { errorsOfSelectors } from './selectors.ts';

/** May this user do that? */
export function subjectAccessReview(authorizer: Authorizer): VirtualResource<SubjectAccessReview> {
  return {
    type: SubjectAccessReviews,
    async create(draft) {
      const { spec = {}, metadata } = draft;
      refuseReview([
        ...errorsOfQuestion(spec),
        ...errorsOfSubject(spec),
        ...errorsOfSelectors(spec.resourceAttributes),
        ...errorsOfMetadata(metadata),
      ]);
      draft.status = await answerAccess(authorizer, subjectOf(spec), spec);
      return draft;
    },
  };
}

/** May I do that? */
export function selfSubjectAccessReview(authorizer: Authorizer): VirtualResource<SelfSubjectAccessReview> {
  return {
    type: SelfSubjectAccessReviews,
    async create(draft, { user }) {
      const { spec = {}, metadata } = draft;
      refuseReview([
        ...errorsOfQuestion(spec),
        ...errorsOfSelectors(spec.resourceAttributes),
        ...errorsOfMetadata(metadata),
      ]);
      draft.status = await answerAccess(authorizer, user, spec);
      return draft;
    },
  };
}

/** May this user do that in this namespace? For those who may ask about one namespace only. */
export function localSubjectAccessReview(authorizer: Authorizer): VirtualResource<LocalSubjectAccessReview> {
  return {
    type: LocalSubjectAccessReviews,
    async create(draft, { namespace }) {
      const { spec = {}, metadata } = draft;
      refuseReview([
        ...errorsOfQuestion(spec),
        ...errorsOfSubject(spec),
        ...errorsOfSelectors(spec.resourceAttributes),
        ...errorsOfMetadata(metadata, 'must be empty except for namespace'),
        ...errorsOfPlace(spec, metadata.namespace ?? namespace!),
      ]);
      if (spec.resourceAttributes?.namespace !== namespace)
        throw refused.badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
      draft.status = await answerAccess(authorizer, subjectOf(spec), spec);
      return draft;
    },
  };
}

function errorsOfPlace(spec: Readonly<SubjectAccessReviewSpec>, namespace: string): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceAttributes, nonResourceAttributes } = spec;
  const asked = resourceAttributes?.namespace ?? '';
  if (resourceAttributes !== undefined && asked !== namespace)
    errors.push(invalid('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  if (nonResourceAttributes !== undefined)
    errors.push(
      invalid('spec.nonResourceAttributes', shownPath(nonResourceAttributes), 'disallowed on this kind of request'),
    );
  return errors;
}

function subjectOf({ user = '', uid, groups = [], extra }: Readonly<SubjectAccessReviewSpec>): UserInfo {
  return { name: user, groups, ...(uid && { uid }), ...(extra && { extra }) };
}
