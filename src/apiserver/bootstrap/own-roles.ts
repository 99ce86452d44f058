import { ingressGroup } from '../../api/networking/ingress-user.ts';
import type { RecordedBinding, RecordedRole } from './recorded.ts';

const meta = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};
const apiGroup = 'rbac.authorization.k8s.io';
const watching = ['list', 'watch'];

const group = 'certificates.k8s.io';
const requests = 'certificatesigningrequests';
/** Parts of an agent that are users of their own. */
const parts = [
  ...['system:kube-proxy', 'system:coredns', 'system:kubeling-volumes'].map((name) => ({
    kind: 'User',
    name,
    apiGroup,
  })),
  { kind: 'Group', name: ingressGroup, apiGroup },
];

/** The roles that Kubeling has beside those of every Kubernetes cluster. */
export const ownClusterRoles: readonly RecordedRole[] = [
  {
    name: 'system:kubeling-certificate-approver',
    ...meta,
    rules: [
      {
        apiGroups: [group],
        resources: ['signers'],
        resourceNames: ['kubernetes.io/kube-apiserver-client', 'kubernetes.io/kubelet-serving'],
        verbs: ['approve'],
      },
    ],
  },
  {
    name: 'system:kubeling-client-renewal',
    ...meta,
    rules: [
      { apiGroups: [group], resources: [requests], verbs: ['create', 'get'] },
      { apiGroups: [group], resources: [`${requests}/selfclient`], verbs: ['create'] },
    ],
  },
  {
    name: 'system:kubeling-serving-renewal',
    ...meta,
    rules: [{ apiGroups: [group], resources: [`${requests}/selfnodeserver`], verbs: ['create'] }],
  },
  {
    name: 'system:kubeling-apiservice-availability',
    ...meta,
    rules: [
      { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: watching },
      { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices/status'], verbs: ['update'] },
      { apiGroups: [''], resources: ['services'], verbs: watching },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: watching },
    ],
  },
  {
    name: 'system:kubeling-custom-version-registration',
    ...meta,
    rules: [
      { apiGroups: ['apiregistration.k8s.io'], resources: ['apiservices'], verbs: ['create', 'delete', ...watching] },
      { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: watching },
    ],
  },
  {
    name: 'system:kubeling-endpoint-removal-asker',
    ...meta,
    rules: [{ nonResourceURLs: ['/kubeling/v1/namespaces/*'], verbs: ['get'] }],
  },
  {
    name: 'system:kubeling-endpoint-removal-reporter',
    ...meta,
    rules: [{ nonResourceURLs: ['/kubeling/v1/applied'], verbs: ['post'] }],
  },
  {
    name: 'system:kubeling-flow-schema-status',
    ...meta,
    rules: [
      {
        apiGroups: ['flowcontrol.apiserver.k8s.io'],
        resources: ['flowschemas', 'prioritylevelconfigurations'],
        verbs: watching,
      },
      { apiGroups: ['flowcontrol.apiserver.k8s.io'], resources: ['flowschemas/status'], verbs: ['update'] },
    ],
  },
  {
    // What depends on Ingresses or on the node, the authorizer of nodes and their ingresses says.
    name: ingressGroup,
    ...meta,
    rules: [
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'ingressclasses'], verbs: watching },
      { apiGroups: [''], resources: ['services', 'nodes'], verbs: watching },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: watching },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    ],
  },
  {
    name: 'system:kubeling-network-policies',
    ...meta,
    rules: [
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: watching },
      { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: watching },
    ],
  },
  {
    name: 'system:kubeling-volumes',
    ...meta,
    rules: [
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['update'] },
      { apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['update'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      {
        apiGroups: ['storage.k8s.io'],
        resources: ['csistoragecapacities'],
        verbs: ['create', 'delete', 'list', 'update', 'watch'],
      },
    ],
  },
];

export const ownClusterRoleBindings: readonly RecordedBinding[] = [
  bindingTo('system:kubeling-certificate-approver', {
    kind: 'ServiceAccount',
    name: 'certificate-controller',
    namespace: 'kube-system',
  }),
  bindingTo('system:kubeling-client-renewal', ...parts),
  bindingTo('system:kubeling-serving-renewal', { kind: 'Group', name: 'system:nodes', apiGroup }),
  bindingTo('system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', {
    kind: 'Group',
    name: 'system:nodes',
    apiGroup,
  }),
  bindingTo('system:kubeling-apiservice-availability', {
    kind: 'User',
    name: 'system:kubeling-apiservice-availability',
    apiGroup,
  }),
  bindingTo('system:kubeling-custom-version-registration', {
    kind: 'User',
    name: 'system:kubeling-custom-version-registration',
    apiGroup,
  }),
  bindingTo('system:kubeling-endpoint-removal-asker', { kind: 'Group', name: 'system:nodes', apiGroup }),
  bindingTo(
    'system:kubeling-endpoint-removal-reporter',
    { kind: 'User', name: 'system:kube-proxy', apiGroup },
    { kind: 'Group', name: ingressGroup, apiGroup },
  ),
  bindingTo('system:kubeling-flow-schema-status', {
    kind: 'User',
    name: 'system:kubeling-flow-schema-status',
    apiGroup,
  }),
  bindingTo('system:kubeling-network-policies', { kind: 'User', name: 'system:kube-proxy', apiGroup }),
  bindingTo(ingressGroup, { kind: 'Group', name: ingressGroup, apiGroup }),
  bindingTo('system:kubeling-volumes', { kind: 'User', name: 'system:kubeling-volumes', apiGroup }),
  bindingTo('system:persistent-volume-provisioner', { kind: 'User', name: 'system:kubeling-volumes', apiGroup }),
];

/** Roles, with bindings of the same name, that clusters had before: they gave more than anybody needs. */
export const retiredClusterRoles: readonly string[] = ['system:kubeling-ingress'];

/** A binding with the name of its role. */
function bindingTo(name: string, ...subjects: NonNullable<RecordedBinding['subjects']>): RecordedBinding {
  return { name, ...meta, roleRef: { apiGroup, kind: 'ClusterRole', name }, subjects };
}
