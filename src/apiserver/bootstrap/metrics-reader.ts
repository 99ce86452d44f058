import { ClusterRoles } from '../../api/rbac/v1/types.ts';
import type { Kept } from './objects.ts';

/** Lets whoever may view a namespace see what its pods use, as the manifests of Kubernetes' metrics server do. */
export const metricsReader: Kept = {
  type: ClusterRoles,
  object: {
    metadata: {
      name: 'system:aggregated-metrics-reader',
      labels: {
        'k8s-app': 'metrics-server',
        'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
        'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
        'rbac.authorization.k8s.io/aggregate-to-view': 'true',
      },
    },
    rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
  } as Kept['object'],
};
