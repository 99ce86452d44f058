import { apiVersionOf, type ResourceType } from '../../src/apimachinery/resource-type.ts';

const containers = [{ name: 'app', image: 'registry.example/app:v1' }];
const template = { metadata: { labels: { app: 'it' } }, spec: { containers } };
const workload = { spec: { selector: { matchLabels: { app: 'it' } }, template } };
const ruleOfNobody = { apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] };
const jobSpec = { template: { spec: { restartPolicy: 'Never', containers } } };
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
/** Of a key that nobody has kept. */
const request = [
  '-----BEGIN CERTIFICATE REQUEST-----',
  'MIHYMIGAAgEAMB4xDTALBgNVBAoMBGRldnMxDTALBgNVBAMMBGphbmUwWTATBgcq',
  'hkjOPQIBBggqhkjOPQMBBwNCAATyLolr7Un9Q8GjdMffP3dXUTN8e+ScnptO/Ext',
  '0eRmUcUnIesgXzfMzpMo6j4C7S4hHJycZtQkMBDDBpOCPYX1oAAwCgYIKoZIzj0E',
  'AwIDRwAwRAIgYtW8EC/lg0AmiDbIDgnppUUThYEaT4Wv3Ja0gnCNylcCIHaPL7uI',
  'HmanFz/NA8J5TydC11IGadxEd4b0hhuYGVHd',
  '-----END CERTIFICATE REQUEST-----\n',
].join('\n');
const involved = { kind: 'Pod', namespace: 'default', name: 'app' };

/** As little as each kind takes, without metadata. A kind that is served and not here fails the table over every kind. */
const contents: Readonly<Record<string, object>> = {
  'v1 ConfigMap': {},
  'v1 Endpoints': {},
  'v1 Event': { involvedObject: involved },
  'v1 LimitRange': { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  'v1 Namespace': {},
  'v1 Node': {},
  'v1 PersistentVolume': {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' } },
  },
  'v1 PersistentVolumeClaim': {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  'v1 Pod': { spec: { containers } },
  'v1 PodTemplate': { template },
  'v1 ReplicationController': { spec: { selector: { app: 'it' }, template } },
  'v1 ResourceQuota': { spec: { hard: { 'count/widgets.example.com': '1' } } },
  'v1 Secret': {},
  'v1 Service': { spec: { ports: [{ port: 80 }] } },
  'v1 ServiceAccount': {},
  'apps/v1 ControllerRevision': { data: { a: 1 }, revision: 1 },
  'apps/v1 DaemonSet': workload,
  'apps/v1 Deployment': workload,
  'apps/v1 ReplicaSet': workload,
  'apps/v1 StatefulSet': workload,
  'autoscaling/v1 HorizontalPodAutoscaler': { spec: { scaleTargetRef, maxReplicas: 3 } },
  'autoscaling/v2 HorizontalPodAutoscaler': { spec: { scaleTargetRef, maxReplicas: 3 } },
  'batch/v1 CronJob': { spec: { schedule: '@daily', jobTemplate: { spec: jobSpec } } },
  'batch/v1 Job': { spec: jobSpec },
  'certificates.k8s.io/v1 CertificateSigningRequest': {
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'example.com/signer',
      usages: ['client auth'],
    },
  },
  'coordination.k8s.io/v1 Lease': {},
  'discovery.k8s.io/v1 EndpointSlice': { addressType: 'IPv4', endpoints: [] },
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy': {
    spec: {
      matchConstraints: { resourceRules: [ruleOfNobody] },
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
      reinvocationPolicy: 'Never',
    },
  },
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding': { spec: { policyName: 'none' } },
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration': {},
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': {
    spec: { matchConstraints: { resourceRules: [ruleOfNobody] }, validations: [{ expression: 'true' }] },
  },
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding': {
    spec: { policyName: 'none', validationActions: ['Deny'] },
  },
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': {},
  'apiregistration.k8s.io/v1 APIService': {
    spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100 },
  },
  'events.k8s.io/v1 Event': {
    regarding: involved,
    eventTime: '2030-01-01T00:00:00.000000Z',
    action: 'Look',
    reason: 'Looked',
    type: 'Normal',
    reportingController: 'example.com/test',
    reportingInstance: 'test-1',
  },
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema': { spec: { priorityLevelConfiguration: { name: 'global-default' } } },
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration': {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  },
  'networking.k8s.io/v1 Ingress': { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  'networking.k8s.io/v1 IngressClass': { spec: { controller: 'example.com/ingress' } },
  'networking.k8s.io/v1 IPAddress': {
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
  },
  'networking.k8s.io/v1 NetworkPolicy': { spec: { podSelector: {} } },
  'networking.k8s.io/v1 ServiceCIDR': { spec: { cidrs: ['10.200.0.0/24'] } },
  'node.k8s.io/v1 RuntimeClass': { handler: 'runc' },
  'policy/v1 PodDisruptionBudget': { spec: { minAvailable: 1, selector: {} } },
  'rbac.authorization.k8s.io/v1 ClusterRole': { rules: [] },
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': { roleRef },
  'rbac.authorization.k8s.io/v1 Role': { rules: [] },
  'rbac.authorization.k8s.io/v1 RoleBinding': { roleRef },
  'resource.k8s.io/v1 DeviceClass': { spec: {} },
  'resource.k8s.io/v1 ResourceClaim': { spec: {} },
  'resource.k8s.io/v1 ResourceClaimTemplate': { spec: { spec: {} } },
  'resource.k8s.io/v1 ResourceSlice': {
    spec: { driver: 'example.com', pool: { name: 'pool', generation: 1, resourceSliceCount: 1 }, allNodes: true },
  },
  'scheduling.k8s.io/v1 PriorityClass': { value: 1000 },
  'storage.k8s.io/v1 CSIDriver': { spec: {} },
  'storage.k8s.io/v1 CSINode': { spec: { drivers: [] } },
  'storage.k8s.io/v1 CSIStorageCapacity': { storageClassName: 'fast' },
  'storage.k8s.io/v1 StorageClass': { provisioner: 'example.com/disks' },
  'storage.k8s.io/v1 VolumeAttachment': {
    spec: { attacher: 'example.com', nodeName: 'node', source: { persistentVolumeName: 'disk' } },
  },
  'storage.k8s.io/v1 VolumeAttributesClass': { driverName: 'example.com', parameters: { speed: 'high' } },
};

/** The name of a definition is made of what it defines. */
const definitionSpec = (name: string) => ({
  group: name.slice(name.indexOf('.') + 1),
  scope: 'Namespaced',
  names: { plural: name.slice(0, name.indexOf('.')), kind: 'Thing' },
  versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
});

/** A valid object of the kind; in the namespace `default` where it has one. */
export function minimalObject(type: ResourceType, name: string) {
  const apiVersion = apiVersionOf(type);
  const content =
    type.kind === 'CustomResourceDefinition' ? { spec: definitionSpec(name) } : contents[`${apiVersion} ${type.kind}`];
  if (content === undefined) throw new Error(`Cannot make a ${apiVersion} ${type.kind}: add the least that it takes`);
  const namespace = type.namespaced ? { namespace: 'default' } : {};
  return { apiVersion, kind: type.kind, metadata: { name, ...namespace }, ...content };
}
