import { ClusterRoles, type ClusterRole, type PolicyRule } from '../../api/rbac/v1/types.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { equalJson } from '../../reconciler/equal-json.ts';

/** Fills roles that are made of others, such as `admin` and `view`, with the rules of all roles that they select. */
export const clusterRoleAggregationController: Controller<ClusterRole> = {
  name: 'clusterrole-aggregation-controller',
  watches: [
    {
      type: ClusterRoles,
      // Which role selected an earlier form of this one is not known, so all that aggregate look again.
      wakes: (_changed, cluster) =>
        cluster
          .list(ClusterRoles)
          .filter(({ aggregationRule }) => aggregationRule !== undefined)
          .map(({ metadata }) => metadata),
    },
  ],

  async reconcile(key, cluster) {
    const role = cluster.get(ClusterRoles, key);
    if (role?.aggregationRule === undefined) return settled;
    const rules = planRules(role, cluster.list(ClusterRoles));
    if (!equalJson(rules, role.rules ?? [])) await cluster.update(ClusterRoles, { ...role, rules });
    return settled;
  },
};

/** The rules of all selected roles, in the order of their names, each once. */
function planRules(role: Readonly<ClusterRole>, roles: readonly Readonly<ClusterRole>[]): PolicyRule[] {
  const selectors = role.aggregationRule?.clusterRoleSelectors?.map(labelSelectorMatcher) ?? [];
  const selected = roles.filter(
    ({ metadata }) => metadata.name !== role.metadata.name && selectors.some((selects) => selects(metadata.labels)),
  );
  const rules: PolicyRule[] = [];
  for (const one of selected.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    for (const rule of one.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
  }
  return rules;
}
