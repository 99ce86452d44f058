/** How much of a request is recorded, from nothing to all. */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof auditLevels)[number];

/** When something is recorded of a request. */
export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type AuditStage = (typeof auditStages)[number];

/** Policy of `audit.k8s.io/v1`: what of which requests is recorded. The first rule that fits counts; none: nothing is. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** What a rule leaves out it does not ask for. */
export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  /** `''`: of no namespace. */
  readonly namespaces?: readonly string[];
  /** A path, or the beginning of one with `*` behind it. */
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface GroupResources {
  readonly group?: string;
  /** `pods`, `pods/log`, `pods/*`, `*` followed by a subresource, `*`. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}
