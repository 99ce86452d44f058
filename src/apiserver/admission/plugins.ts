import type { Authorizer } from '../auth/auth.ts';
import type { RoleBasedAuthorizer } from '../auth/rbac.ts';
import type { AdmissionPlugin } from './admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** All plugins in the order in which they run. */
export function admissionPlugins(authorizer: Authorizer, roles: RoleBasedAuthorizer): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    serviceAccount,
    nodeRestriction,
    taintNodesByCondition,
    priority,
    defaultTolerationSeconds,
    runtimeClass,
    defaultIngressClass,
    rbacEscalation(authorizer, roles),
  ];
}
