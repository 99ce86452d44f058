import type { AuditPolicy } from '../audit/policy.ts';
import { validateAuditPolicy } from '../audit/validate-policy.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

const texts = { array: { type: 'string' } } as const;

/** What of which requests is recorded. */
export const auditPolicy: ConfigurationKind<AuditPolicy> = {
  kind: 'Policy',
  apiVersions: ['audit.k8s.io/v1'],
  schema: {
    Policy: {
      fields: {
        ...typeFields,
        metadata: { map: {} },
        rules: { array: { ref: 'PolicyRule' } },
        omitStages: texts,
        omitManagedFields: { type: 'boolean' },
      },
    },
    PolicyRule: {
      fields: {
        level: { type: 'string' },
        users: texts,
        userGroups: texts,
        verbs: texts,
        resources: { array: { ref: 'GroupResources' } },
        namespaces: texts,
        nonResourceURLs: texts,
        omitStages: texts,
        omitManagedFields: { type: 'boolean' },
      },
    },
    GroupResources: { fields: { group: { type: 'string' }, resources: texts, resourceNames: texts } },
  },
  validate: validateAuditPolicy,
};
