import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/rbac/v1/types.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Authorizer, ImmediateAuthorizer } from '../auth/auth.ts';
import { immediately } from '../auth/immediately.ts';
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

  function checkRole(authorizer: ImmediateAuthorizer, request: AdmissionRequest): void {
    const role = request.object as Role & Partial<ClusterRole>;
    const old = request.old as (Role & Partial<ClusterRole>) | undefined;
    if (mayDo(authorizer, request, 'escalate', request.type.resource, request.name)) return;
    if (old !== undefined && changesForCollectorOnly(role, old)) return;
    refuseGrant(request, role.rules ?? []);
    if (!gathers(role) && !gathers(old)) return;
    // What a role will gather nobody can know, and to stop it may take a tighter role away: one must have all rights.
    const { rules } = roles.rulesFor(request.user, request.namespace ?? '');
    if (uncovered(rules, everything).length > 0)
      throw notAdmitted(request, 'must have cluster-admin privileges to use the aggregationRule');
  }

  function checkBinding(authorizer: ImmediateAuthorizer, request: AdmissionRequest): void {
    const binding = request.object as RoleBinding | ClusterRoleBinding;
    const { roleRef } = binding;
    if (request.old !== undefined && changesForCollectorOnly(binding, request.old)) return;
    const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (mayDo(authorizer, request, 'bind', resource, roleRef.name)) return;
    const rules = roles.rulesOfRole(roleRef, request.namespace ?? '');
    if (rules === undefined) throw refused.notFound({ group, resource }, roleRef.name);
    refuseGrant(request, rules);
  }

  return {
    name: 'RbacEscalation',
    guard(request) {
      const { type, operation, user, subresource } = request;
      if (type.group !== group || subresource !== undefined || (operation !== 'CREATE' && operation !== 'UPDATE'))
        return;
      if (user.groups.includes('system:masters')) return;
      const check = type.resource === 'roles' || type.resource === 'clusterroles' ? checkRole : checkBinding;
      return immediately(authorizer, (now) => check(now, request));
    },
  };
}

function mayDo(
  authorizer: ImmediateAuthorizer,
  { user, namespace }: AdmissionRequest,
  verb: string,
  resource: string,
  name: string,
): boolean {
  const where = namespace === undefined ? {} : { namespace };
  return authorizer.authorize({ user, verb, group, version: 'v1', resource, name, ...where }).allowed;
}

function gathers(role: Partial<ClusterRole> | undefined): boolean {
  return (role?.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;
}

/**
 * Whether an update does nothing but what a garbage collector needs to let go of an object. Any other update is checked
 * in full, rules changed or not: a label gives them away too, to every role that gathers by it.
 */
function changesForCollectorOnly(object: Readonly<KubeObject>, old: Readonly<KubeObject>): boolean {
  return semanticEqual(besidesCollector(object), besidesCollector(old));
}

function besidesCollector(object: Readonly<KubeObject>): Readonly<KubeObject> {
  const { ownerReferences, finalizers, managedFields, resourceVersion, ...metadata } = object.metadata;
  return { ...object, metadata };
}
