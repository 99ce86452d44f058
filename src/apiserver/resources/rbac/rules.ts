import type { PolicyRule } from '../../../api/rbac/v1/types.ts';
import { pathSegment } from '../../../apimachinery/names.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

/** Names of roles and bindings may hold colons and more: they need only stand in a path. */
export const roleNames = pathSegment;

export function checkRule(errors: Errors, rule: Readonly<PolicyRule>, namespaced: boolean, field: string): void {
  const { verbs, nonResourceURLs, apiGroups, resources, resourceNames } = rule;
  if (!verbs?.length) errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs?.length) {
    const refuse = (why: string) => errors.push(invalid(`${field}.nonResourceURLs`, nonResourceURLs, why));
    if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups?.length || resources?.length || resourceNames?.length)
      refuse('rules cannot apply to both regular resources and non-resource URLs');
    return;
  }
  if (!apiGroups?.length)
    errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (!resources?.length)
    errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
}
