import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/rbac/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Authorizer } from '../auth/auth.ts';
import { quotedList, rulesText, uncovered } from '../auth/rbac-escalation.ts';
import type { RoleBasedAuthorizer } from '../auth/rbac.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { notAdmitted } from './refusal.ts';

const group = 'rbac.authorization.k8s.io';
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody gives away rights that he does not have himself: neither by writing them into a role nor by binding one. The
 * verbs `escalate` and `bind` lift that, and superusers are free.
 */
export function rbacEscalation(authorizer: Authorizer, roles: RoleBasedAuthorizer): AdmissionPlugin {
  function refuseGrant(request: AdmissionRequest, wanted: readonly PolicyRule[]): void {
    const { user, namespace = '' } = request;
    const { rules, errors } = roles.rulesFor(user, namespace);
    const lacking = uncovered(rules, wanted);
    if (lacking.length === 0) return;
    const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`;
    const unresolved = errors.length > 0 ? `; resolution errors: [${errors.join(', ')}]` : '';
    throw notAdmitted(
      request,
      `${who} is attempting to grant RBAC permissions not currently held:\n${rulesText(lacking)}${unresolved}`,
    );
  }

  function checkRole(request: AdmissionRequest): void {
    const role = request.object as Role & Partial<ClusterRole>;
    const old = request.old as (Role & Partial<ClusterRole>) | undefined;
    const changed = !jsonEqual(role.rules ?? [], old?.rules ?? []);
    const gathers = !jsonEqual(role.aggregationRule, old?.aggregationRule);
    if (old !== undefined && !changed && !gathers) return;
    if (mayDo(request, 'escalate', request.type.resource, request.name)) return;
    if (changed) refuseGrant(request, role.rules ?? []);
    // What a role will gather nobody can know, so one must have all rights to set it.
    if (gathers && (role.aggregationRule || old?.aggregationRule)) refuseGrant(request, everything);
  }

  function checkBinding(request: AdmissionRequest): void {
    const { roleRef, subjects } = request.object as RoleBinding | ClusterRoleBinding;
    const old = request.old as RoleBinding | undefined;
    if (old !== undefined && jsonEqual(roleRef, old.roleRef) && jsonEqual(subjects, old.subjects)) return;
    const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (mayDo(request, 'bind', resource, roleRef.name)) return;
    const rules = roles.rulesOfRole(roleRef, request.namespace ?? '');
    if (rules === undefined) throw refused.notFound({ group, resource }, roleRef.name);
    refuseGrant(request, rules);
  }

  function mayDo({ user, namespace }: AdmissionRequest, verb: string, resource: string, name: string): boolean {
    const where = namespace === undefined ? {} : { namespace };
    return authorizer.authorize({ user, verb, group, version: 'v1', resource, name, ...where }).allowed;
  }

  return {
    name: 'RbacEscalation',
    mutate(request) {
      const { type, operation, user, subresource } = request;
      if (type.group !== group || subresource !== undefined || (operation !== 'CREATE' && operation !== 'UPDATE'))
        return;
      if (user.groups.includes('system:masters')) return;
      if (type.resource === 'roles' || type.resource === 'clusterroles') checkRole(request);
      else checkBinding(request);
    },
  };
}
