import { Namespaces } from '../../api/core/v1/types.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

const immortal = ['default', 'kube-system', 'kube-public'];

/** Nothing is made in a namespace that is not there or ends, and the cluster's own namespaces stay. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  // At first, so that nobody else is asked about what cannot be; in the end, because a namespace may end meanwhile.
  mutate: refuse,
  guard: refuse,
};

function refuse(request: AdmissionRequest, context: ServerContext): void {
  if (isFor(request, '/namespaces') && request.operation === 'DELETE' && immortal.includes(request.name))
    throw notAdmitted(request, 'this namespace may not be deleted');
  // Who may do what can be asked of every namespace, so that nothing is learnt from the answer.
  if (isFor(request, 'authorization.k8s.io/localsubjectaccessreviews')) return;
  if (request.operation === 'CREATE' && request.type.namespaced) refuseWithoutNamespace(request, context);
}

function refuseWithoutNamespace(request: AdmissionRequest, context: ServerContext): void {
  const name = request.namespace ?? '';
  const namespace = context.lookup(Namespaces, { name });
  if (namespace === undefined) throw refused.notFound(Namespaces, name);
  if (namespace.status?.phase !== 'Terminating' && namespace.metadata.deletionTimestamp === undefined) return;
  const refusal = notAdmitted(
    request,
    `unable to create new content in namespace ${name} because it is being terminated`,
  );
  refusal.status.details!.causes = [
    { reason: 'NamespaceTerminating', message: `namespace ${name} is being terminated`, field: 'metadata.namespace' },
  ];
  throw refusal;
}
