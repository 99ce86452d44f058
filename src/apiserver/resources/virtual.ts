import type { Authorizer } from '../auth/auth.ts';
import type { RoleBasedAuthorizer } from '../auth/rbac.ts';
import type { ServiceAccountTokens } from '../auth/service-account-token.ts';
import type { TokenReader } from '../auth/token-reader.ts';
import type { VirtualResource } from '../rest/virtual-resource.ts';
import { selfSubjectReview } from './authentication/self-subject-review.ts';
import { tokenRequest } from './authentication/token-request.ts';
import { tokenReview } from './authentication/token-review.ts';
import { selfSubjectRulesReview } from './authorization/self-subject-rules-review.ts';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  subjectAccessReview,
} from './authorization/subject-access-review.ts';

export interface ReviewParts {
  /** Decides for whole requests. */
  readonly authorizer: Authorizer;
  /** Who of those behind it has no rules to show, as clients read it. */
  readonly withoutRules: () => readonly string[];
  /** Knows the rules behind it. */
  readonly roles: RoleBasedAuthorizer;
  /** Issues tokens of service accounts. */
  readonly serviceAccounts: ServiceAccountTokens;
  /** Reads everybody's. */
  readonly tokens: TokenReader;
}

/** Every kind that is answered and not stored. */
export function virtualResources({
  authorizer,
  withoutRules,
  roles,
  serviceAccounts,
  tokens,
}: ReviewParts): readonly VirtualResource[] {
  return [
    selfSubjectReview,
    tokenReview(tokens),
    tokenRequest(serviceAccounts),
    subjectAccessReview(authorizer),
    selfSubjectAccessReview(authorizer),
    localSubjectAccessReview(authorizer),
    selfSubjectRulesReview(roles, withoutRules),
  ];
}
