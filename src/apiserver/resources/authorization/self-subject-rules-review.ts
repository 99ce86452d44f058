import { SelfSubjectRulesReviews, type SelfSubjectRulesReview } from '../../../api/authorization/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import type { RoleBasedAuthorizer } from '../../auth/rbac.ts';
import { nodeOfAgent } from '../../auth/service-account.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';

/** Answers all that the sender may do in a namespace, as far as roles say it; `withoutRules` says who knows more. */
export function selfSubjectRulesReview(
  roles: RoleBasedAuthorizer,
  withoutRules: () => readonly string[],
): VirtualResource<SelfSubjectRulesReview> {
  return {
    type: SelfSubjectRulesReviews,
    create(draft, { user }) {
      const namespace = draft.spec?.namespace;
      if (!namespace) throw refused.badRequest('no namespace on request');
      const { rules, errors } = roles.rulesFor(user, namespace);
      const failures = [...errors];
      const isAgent = nodeOfAgent(user) !== undefined;
      if (isAgent) failures.push('node authorizer does not support user rule resolution');
      failures.push(...withoutRules());
      const status = {
        resourceRules: rules.flatMap(({ nonResourceURLs: _urls, ...rule }) =>
          rule.resources?.length ? [structuredClone(rule)] : [],
        ),
        nonResourceRules: rules.flatMap(({ nonResourceURLs, verbs }) =>
          nonResourceURLs?.length ? [{ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] }] : [],
        ),
        incomplete: failures.length > 0,
        ...(failures.length > 0 && { evaluationError: failures.join(', ') }),
      };
      // What was asked is not repeated in the answer.
      return { ...draft, metadata: { name: '' }, spec: {}, status };
    },
  };
}
