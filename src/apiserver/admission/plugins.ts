import type { Authorizer } from '../auth/auth.ts';
import type { RoleBasedAuthorizer } from '../auth/rbac.ts';
import type { AdmissionPlugin } from './admission.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { denyServiceExternalIps } from './deny-service-external-ips.ts';
import { ingressRestriction } from './ingress-restriction.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { podResizeValidator } from './pod-resize-validator.ts';
import { podSecurity } from './pod-security/pod-security.ts';
import { podTopologyLabels } from './pod-topology-labels.ts';
import { priority } from './priority.ts';
import { resourceQuota, type WriteQuota } from './quota/resource-quota.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import type { ObjectVersions } from './object-versions.ts';
import { policyAuthors } from './policies/policy-authors.ts';
import type { AdmissionPolicies } from './policies/admission-policies.ts';
import { lockOutWarnings } from './webhooks/lock-out.ts';
import type { AdmissionWebhooks } from './webhooks/webhooks.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

export interface AdmissionParts {
  /** Decides for whole requests. */
  readonly authorizer: Authorizer;
  /** Knows the rules behind it. */
  readonly roles: RoleBasedAuthorizer;
  readonly writeQuota: WriteQuota;
  readonly policies: AdmissionPolicies;
  readonly webhooks: AdmissionWebhooks;
  readonly versions: ObjectVersions;
}

/** All plugins in the order in which they run. */
export function admissionPlugins({
  authorizer,
  roles,
  writeQuota,
  policies,
  webhooks,
  versions,
}: AdmissionParts): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    nodeRestriction,
    ingressRestriction,
    taintNodesByCondition,
    podSecurity,
    priority,
    defaultTolerationSeconds,
    defaultStorageClass,
    storageObjectInUseProtection,
    persistentVolumeClaimResize,
    runtimeClass,
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    defaultIngressClass,
    denyServiceExternalIps,
    podTopologyLabels,
    podResizeValidator,
    rbacEscalation(authorizer, roles),
    policyAuthors(authorizer, versions),
    lockOutWarnings,
    policies.mutating,
    webhooks.mutating,
    policies.validating,
    webhooks.validating,
    resourceQuota(writeQuota),
  ];
}
