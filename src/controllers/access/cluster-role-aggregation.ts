import { ClusterRoles, type ClusterRole, type PolicyRule } from '../../api/rbac/v1/types.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';

/** Keeps the rules of aggregated cluster roles what their selectors gather from others. */
export const clusterRoleAggregation: Controller<ClusterRole> = {
  name: 'clusterrole-aggregation-controller',
  for: ClusterRoles,
  watches: [
    {
      type: ClusterRoles,
      // Whatever has changed: which roles gathered it before is not known any more.
      wakes: (_changed, cluster) =>
        cluster
          .list(ClusterRoles)
          .filter(gathers)
          .map(({ metadata }) => metadata),
    },
  ],

  async reconcile(key, cluster) {
    const role = cluster.get(ClusterRoles, key);
    if (role === undefined || !gathers(role)) return settled;
    const rules = gatheredRules(role, cluster.list(ClusterRoles));
    if (!jsonEqual(rules, role.rules ?? []))
      await cluster.update(ClusterRoles, { ...(cloneJson(role) as ClusterRole), rules });
    return settled;
  },
};

function gathers({ aggregationRule }: Readonly<ClusterRole>): boolean {
  return aggregationRule !== undefined;
}

/** The rules of all roles that the selectors match: by selector, then by name, each rule once. */
export function gatheredRules(role: Readonly<ClusterRole>, all: readonly Readonly<ClusterRole>[]): PolicyRule[] {
  const others = all.filter(({ metadata }) => metadata.name !== role.metadata.name).sort(byName);
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matches = labelSelectorMatcher(selector);
    for (const { rules: ofOther } of others.filter(({ metadata }) => matches(metadata.labels)))
      for (const rule of ofOther ?? []) if (!rules.some((one) => jsonEqual(one, rule))) rules.push(cloneJson(rule));
  }
  return rules;
}

function byName(a: Readonly<ClusterRole>, b: Readonly<ClusterRole>): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
