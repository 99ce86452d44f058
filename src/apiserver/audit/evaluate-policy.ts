import type { UserInfo } from '../auth/auth.ts';
import type { Target } from '../request/target.ts';
import type { AuditLevel, AuditPolicy, AuditRule, AuditStage, GroupResources } from './policy.ts';

/** What is recorded of one request. */
export interface AuditScope {
  readonly level: AuditLevel;
  readonly omitted: ReadonlySet<AuditStage>;
  readonly omitsManagedFields: boolean;
}

/** Tells what is recorded of a request; `user`: its sender, who may be nobody. */
export type EvaluatePolicy = (user: UserInfo | undefined, target: Target) => AuditScope;

/** The policy as a question: stages of rules and policy are put together once. */
export function policyEvaluator(policy: AuditPolicy): EvaluatePolicy {
  const { omitStages = [], omitManagedFields = false } = policy;
  const rules = policy.rules.map((rule) => ({
    rule,
    scope: {
      level: rule.level,
      omitted: new Set([...omitStages, ...(rule.omitStages ?? [])]),
      omitsManagedFields: rule.omitManagedFields ?? omitManagedFields,
    },
  }));
  const nothing: AuditScope = { level: 'None', omitted: new Set(), omitsManagedFields: false };
  return (user, target) => rules.find(({ rule }) => fits(rule, user, target))?.scope ?? nothing;
}

function fits(rule: AuditRule, user: UserInfo | undefined, target: Target): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule;
  if (isGiven(users) && (user === undefined || !users.includes(user.name))) return false;
  if (isGiven(userGroups) && user?.groups.some((group) => userGroups.includes(group)) !== true) return false;
  if (isGiven(verbs) && !verbs.includes(target.verb)) return false;
  if (isGiven(namespaces) || isGiven(resources)) {
    if (!target.isResource) return false;
    if (isGiven(namespaces) && !namespaces.includes(target.namespace ?? '')) return false;
    return !isGiven(resources) || resources.some((one) => names(one, target));
  }
  if (!isGiven(nonResourceURLs)) return true;
  return !target.isResource && nonResourceURLs.some((url) => isPath(url, target.path));
}

function names(
  { group = '', resources, resourceNames }: GroupResources,
  target: Extract<Target, { isResource: true }>,
) {
  if (group !== '*' && group !== target.group) return false;
  if (!isGiven(resources)) return true;
  if (isGiven(resourceNames) && !resourceNames.includes(target.name ?? target.selectedName ?? '')) return false;
  const { resource, subresource } = target;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  return resources.some(
    (word) =>
      word === '*' ||
      word === whole ||
      word === `${resource}/*` ||
      (subresource !== undefined && word === `*/${subresource}`),
  );
}

function isPath(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

/** An empty list asks for nothing, as one that is not there. */
function isGiven<T>(list: readonly T[] | undefined): list is readonly T[] {
  return list !== undefined && list.length > 0;
}
