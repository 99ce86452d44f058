import { ClusterRoleBindings } from '../../src/api/rbac/v1/types.ts';
import { ServiceAccounts, type Pod } from '../../src/api/core/v1/types.ts';
import type { ServerProcess } from '../kit/server-process.ts';

/** Where benches make their pods. */
export const namespace = 'bench';
export const path = `/api/v1/namespaces/${namespace}/pods`;

/** A pod that nobody schedules, as small as pods of real workloads are. */
export const pod = (metadata: Partial<Pod['metadata']>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...metadata, labels: { app: 'bench', tier: 'load' } },
  spec: {
    schedulerName: 'none',
    containers: [
      {
        name: 'app',
        image: 'registry.example/app:v1',
        ports: [{ containerPort: 8080 }],
        env: [{ name: 'MODE', value: 'bench' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
});

/** Load is sent with a service account's token: checked for each request, with the rights from RBAC. */
export async function administratorToken({ client }: ServerProcess): Promise<string> {
  await client.create(ServiceAccounts, { metadata: { name: 'bench', namespace } });
  await client.create(ClusterRoleBindings, {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'bench', namespace }],
  });
  const request = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 3600 } };
  const answer = (await client.post(ServiceAccounts, { namespace, name: 'bench' }, 'token', request)) as {
    status: { token: string };
  };
  return answer.status.token;
}
