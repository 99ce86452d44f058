/**
 * What the columns of tables mean, as `kubectl get -o json` of a Table and other clients see it. A text that starts
 * with `#` names the field whose description is shown: `#core.v1.PodStatus#podIP`. Recorded from the API, or, where no
 * table was recorded, from the printers of upstream; columns without a text have none.
 */
export const commonColumnTexts: Readonly<Record<string, string>> = {
  Age: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  'Created At':
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  Containers: 'Names of each container in the template.',
  Images: 'Images referenced by each container in the template.',
  Selector:
    'A label query over pods that should match the pod count. Normally, the system sets this field for you. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
  Reference:
    'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
  Targets: '#autoscaling.v2.HorizontalPodAutoscalerSpec#metrics',
  MinPods: '#autoscaling.v1.HorizontalPodAutoscalerSpec#minReplicas',
  MaxPods: '#autoscaling.v2.HorizontalPodAutoscalerSpec#maxReplicas',
  Replicas: '#autoscaling.v2.HorizontalPodAutoscalerStatus#currentReplicas',
  ParamKind: 'ParamKind specifies the kind of resources used to parameterize this policy',
};

/** Texts of single resources, by resource (as in the facts) and column; they come before the common ones. */
export const columnTexts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'apiservices.v1.apiregistration.k8s.io': {
    Service: 'The reference to the service that hosts this API endpoint.',
    Available: 'Whether this service is available.',
  },
  'certificatesigningrequests.v1.certificates.k8s.io': {
    SignerName:
      'Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:\n 1. If it\'s a kubelet client certificate, it is assigned\n    "kubernetes.io/kube-apiserver-client-kubelet".\n 2. If it\'s a kubelet serving certificate, it is assigned\n    "kubernetes.io/kubelet-serving".\n 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".\nDistribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
    Requestor: 'Base64-encoded PKCS#10 CSR data',
    RequestedDuration:
      'expirationSeconds is the requested duration of validity of the issued certificate. The certificate signer may issue a certificate with a different validity duration so a client must check the delta between the notBefore and and notAfter fields in the issued certificate to determine the actual duration.\n\nThe v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field as long as the requested duration is not greater than the maximum duration they will honor per the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n\nCertificate signers may not honor this field for various reasons:\n\n  1. Old signer that is unaware of the field (such as the in-tree\n     implementations prior to v1.22)\n  2. Signer whose configured maximum is shorter than the requested duration\n  3. Signer whose configured minimum is longer than the requested duration\n\nThe minimum valid value for expirationSeconds is 600, i.e. 10 minutes.',
    Condition: 'Conditions applied to the request, such as approval or denial.',
  },
  'clusterrolebindings.v1.rbac.authorization.k8s.io': {
    Role: 'RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
    Users: 'Users in the clusterRoleBinding',
    Groups: 'Groups in the clusterRoleBinding',
    ServiceAccounts: 'ServiceAccounts in the clusterRoleBinding',
  },
  'componentstatuses.v1': {
    Status: 'Status of the component conditions',
    Message: 'Message of the component conditions',
    Error: 'Error of the component conditions',
  },
  'configmaps.v1': {
    Data: '#core.v1.ConfigMap#data',
  },
  'controllerrevisions.v1.apps': {
    Controller: 'Controller of the object',
    Revision: '#apps.v1.ControllerRevision#revision',
  },
  'cronjobs.v1.batch': {
    Schedule: '#batch.v1.CronJobSpec#schedule',
    Timezone: '#batch.v1.CronJobSpec#timeZone',
    Suspend: '#batch.v1.CronJobSpec#suspend',
    Active: '#batch.v1.CronJobStatus#active',
    'Last Schedule': '#batch.v1.CronJobStatus#lastScheduleTime',
  },
  'csidrivers.v1.storage.k8s.io': {
    AttachRequired:
      'attachRequired indicates this CSI volume driver requires an attach operation (because it implements the CSI ControllerPublishVolume() method), and that the Kubernetes attach detach controller should call the attach volume interface which checks the volumeattachment status and waits until the volume is attached before proceeding to mounting. The CSI external-attacher coordinates with CSI volume driver and updates the volumeattachment status when the attach operation is complete. If the value is specified to false, the attach operation will be skipped. Otherwise the attach operation will be called.\n\nThis field is immutable.',
    PodInfoOnMount:
      'podInfoOnMount indicates this CSI volume driver requires additional pod information (like podName, podUID, etc.) during mount operations, if set to true. If set to false, pod information will not be passed on mount. Default is false.\n\nThe CSI driver specifies podInfoOnMount as part of driver deployment. If true, Kubelet will pass pod information as VolumeContext in the CSI NodePublishVolume() calls. The CSI driver is responsible for parsing and validating the information passed in as VolumeContext.\n\nThe following VolumeContext will be passed if podInfoOnMount is set to true. This list might grow, but the prefix will be used. "csi.storage.k8s.io/pod.name": pod.Name "csi.storage.k8s.io/pod.namespace": pod.Namespace "csi.storage.k8s.io/pod.uid": string(pod.UID) "csi.storage.k8s.io/ephemeral": "true" if the volume is an ephemeral inline volume\n                                defined by a CSIVolumeSource, otherwise "false"\n\n"csi.storage.k8s.io/ephemeral" is a new feature in Kubernetes 1.16. It is only required for drivers which support both the "Persistent" and "Ephemeral" VolumeLifecycleMode. Other drivers can leave pod info disabled and/or ignore this field. As Kubernetes 1.15 doesn\'t support this field, drivers can only support one mode when deployed on such a cluster and the deployment determines which mode that is, for example via a command line parameter of the driver.\n\nThis field was immutable in Kubernetes < 1.29 and now is mutable.',
    StorageCapacity:
      'storageCapacity indicates that the CSI volume driver wants pod scheduling to consider the storage capacity that the driver deployment will report by creating CSIStorageCapacity objects with capacity information, if set to true.\n\nThe check can be enabled immediately when deploying a driver. In that case, provisioning new volumes with late binding will pause until the driver deployment has published some suitable CSIStorageCapacity object.\n\nAlternatively, the driver can be deployed with the field unset or false and it can be flipped later when storage capacity information has been published.\n\nThis field was immutable in Kubernetes <= 1.22 and now is mutable.',
    TokenRequests:
      'tokenRequests indicates the CSI driver needs pods\' service account tokens it is mounting volume for to do necessary authentication. Kubelet will pass the tokens in VolumeContext in the CSI NodePublishVolume calls. The CSI driver should parse and validate the following VolumeContext: "csi.storage.k8s.io/serviceAccount.tokens": {\n  "<audience>": {\n    "token": <token>,\n    "expirationTimestamp": <expiration timestamp in RFC3339>,\n  },\n  ...\n}\n\nNote: Audience in each TokenRequest should be different and at most one token is empty string. To receive a new token after expiry, RequiresRepublish can be used to trigger NodePublishVolume periodically.',
    RequiresRepublish:
      'requiresRepublish indicates the CSI driver wants `NodePublishVolume` being periodically called to reflect any possible change in the mounted volume. This field defaults to false.\n\nNote: After a successful initial NodePublishVolume call, subsequent calls to NodePublishVolume should only update the contents of the volume. New mount points will not be seen by a running container.',
    Modes:
      'volumeLifecycleModes defines what kind of volumes this CSI volume driver supports. The default if the list is empty is "Persistent", which is the usage defined by the CSI specification and implemented in Kubernetes via the usual PV/PVC mechanism.\n\nThe other mode is "Ephemeral". In this mode, volumes are defined inline inside the pod spec with CSIVolumeSource and their lifecycle is tied to the lifecycle of that pod. A driver has to be aware of this because it is only going to get a NodePublishVolume call for such a volume.\n\nFor more information about implementing this mode, see https://kubernetes-csi.github.io/docs/ephemeral-local-volumes.html A driver can support one or more of these modes and more modes may be added in the future.\n\nThis field is beta. This field is immutable.',
  },
  'csinodes.v1.storage.k8s.io': {
    Drivers: 'Drivers indicates the number of CSI drivers registered on the node',
  },
  'daemonsets.v1.apps': {
    Desired: '#apps.v1.DaemonSetStatus#desiredNumberScheduled',
    Current: '#apps.v1.DaemonSetStatus#currentNumberScheduled',
    Ready: '#apps.v1.DaemonSetStatus#numberReady',
    'Up-to-date': '#apps.v1.DaemonSetStatus#updatedNumberScheduled',
    Available: '#apps.v1.DaemonSetStatus#numberAvailable',
    'Node Selector': '#core.v1.PodSpec#nodeSelector',
  },
  'deployments.v1.apps': {
    Ready: 'Number of the pod with ready state',
    'Up-to-date': '#apps.v1.DeploymentStatus#updatedReplicas',
    Available: '#apps.v1.DeploymentStatus#availableReplicas',
    Selector:
      "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
  },
  'endpoints.v1': {
    Endpoints: '#core.v1.Endpoints#subsets',
  },
  'endpointslices.v1.discovery.k8s.io': {
    AddressType: '#discovery.v1.EndpointSlice#addressType',
    Ports: '#discovery.v1.EndpointSlice#ports',
    Endpoints: '#discovery.v1.EndpointSlice#endpoints',
  },
  'events.v1': {
    'Last Seen': '#core.v1.Event#lastTimestamp',
    Type: '#core.v1.Event#type',
    Reason: '#core.v1.Event#reason',
    Object: 'The object that this event is about.',
    Subobject: '#core.v1.ObjectReference#fieldPath',
    Source: 'The component reporting this event. Should be a short machine understandable string.',
    Message: '#core.v1.Event#message',
    'First Seen': '#core.v1.Event#firstTimestamp',
    Count: '#core.v1.Event#count',
  },
  'events.v1.events.k8s.io': {
    'Last Seen': '#core.v1.Event#lastTimestamp',
    Type: '#core.v1.Event#type',
    Reason: '#core.v1.Event#reason',
    Object: 'The object that this event is about.',
    Subobject: '#core.v1.ObjectReference#fieldPath',
    Source: 'The component reporting this event. Should be a short machine understandable string.',
    Message: '#core.v1.Event#message',
    'First Seen': '#core.v1.Event#firstTimestamp',
    Count: '#core.v1.Event#count',
  },
  'flowschemas.v1.flowcontrol.apiserver.k8s.io': {
    PriorityLevel: '#flowcontrol.v1.PriorityLevelConfigurationReference#name',
    MatchingPrecedence: '#flowcontrol.v1.FlowSchemaSpec#matchingPrecedence',
    DistinguisherMethod: '#flowcontrol.v1.FlowSchemaSpec#distinguisherMethod',
    MissingPL: 'references a broken or non-existent PriorityLevelConfiguration',
  },
  'ingressclasses.v1.networking.k8s.io': {
    Controller: 'Controller that is responsible for handling this class',
    Parameters: 'A reference to a resource with additional parameters',
  },
  'ingresses.v1.networking.k8s.io': {
    Class: 'The name of the IngressClass resource that should be used for additional configuration',
    Hosts: 'Hosts that incoming requests are matched against before the ingress rule',
    Address: 'Address is a list containing ingress points for the load-balancer',
    Ports: 'Ports of TLS configurations that open',
  },
  'ipaddresses.v1.networking.k8s.io': {
    ParentRef:
      'ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.',
  },
  'jobs.v1.batch': {
    Status: 'Status of the job.',
    Completions: '#batch.v1.JobStatus#succeeded',
    Duration: 'Time required to complete the job.',
  },
  'leases.v1.coordination.k8s.io': {
    Holder: '#coordination.v1.LeaseSpec#holderIdentity',
  },
  'mutatingadmissionpolicies.v1.admissionregistration.k8s.io': {
    Mutations: 'Mutation indicates the number of mutations rules defined in this configuration',
  },
  'mutatingadmissionpolicybindings.v1.admissionregistration.k8s.io': {
    PolicyName: 'PolicyName indicates the policy definition which the policy binding binded to',
    ParamRef: 'ParamRef indicates the param resource which sets the configuration param',
  },
  'mutatingwebhookconfigurations.v1.admissionregistration.k8s.io': {
    Webhooks: 'Webhooks indicates the number of webhooks registered in this configuration',
  },
  'namespaces.v1': {
    Status: 'The status of the namespace',
  },
  // That of a field of a group that is served no more.
  'networkpolicies.v1.networking.k8s.io': {
    'Pod-Selector':
      'Selects the pods to which this NetworkPolicy object applies.  The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods.  In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.',
  },
  'nodes.v1': {
    Status: 'The status of the node',
    Roles: 'The roles of the node',
    Version: '#core.v1.NodeSystemInfo#kubeletVersion',
    'Internal-IP': '#core.v1.NodeStatus#addresses',
    'External-IP': '#core.v1.NodeStatus#addresses',
    'OS-Image': '#core.v1.NodeSystemInfo#osImage',
    'Kernel-Version': '#core.v1.NodeSystemInfo#kernelVersion',
    'Container-Runtime': '#core.v1.NodeSystemInfo#containerRuntimeVersion',
  },
  'persistentvolumeclaims.v1': {
    Status: '#core.v1.PersistentVolumeClaimStatus#phase',
    Volume: '#core.v1.PersistentVolumeClaimSpec#volumeName',
    Capacity: '#core.v1.PersistentVolumeClaimStatus#capacity',
    'Access Modes': '#core.v1.PersistentVolumeClaimStatus#accessModes',
    StorageClass: 'StorageClass of the pvc',
    VolumeAttributesClass: 'VolumeAttributesClass of the pvc',
    VolumeMode: '#core.v1.PersistentVolumeClaimSpec#volumeMode',
  },
  'persistentvolumes.v1': {
    Capacity: '#core.v1.PersistentVolumeSpec#capacity',
    'Access Modes': '#core.v1.PersistentVolumeSpec#accessModes',
    'Reclaim Policy': '#core.v1.PersistentVolumeSpec#persistentVolumeReclaimPolicy',
    Status: '#core.v1.PersistentVolumeStatus#phase',
    Claim:
      'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim. Expected to be non-nil when bound. claim.VolumeName is the authoritative bind between PV and PVC. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#binding',
    StorageClass: 'StorageClass of the pv',
    VolumeAttributesClass: 'VolumeAttributesClass of the pv',
    Reason: '#core.v1.PersistentVolumeStatus#reason',
    VolumeMode: '#core.v1.PersistentVolumeSpec#volumeMode',
  },
  'poddisruptionbudgets.v1.policy': {
    'Min Available': 'The minimum number of pods that must be available.',
    'Max Unavailable': 'The maximum number of pods that may be unavailable.',
    'Allowed Disruptions': 'Calculated number of pods that may be disrupted at this time.',
  },
  'pods.v1': {
    Ready: 'The aggregate readiness state of this pod for accepting traffic.',
    Status: 'The aggregate status of the containers in this pod.',
    Restarts:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    IP: '#core.v1.PodStatus#podIP',
    Node: '#core.v1.PodSpec#nodeName',
    'Nominated Node': '#core.v1.PodStatus#nominatedNodeName',
    'Readiness Gates': '#core.v1.PodSpec#readinessGates',
  },
  'podtemplates.v1': {
    'Pod Labels': 'The labels for the pod template.',
  },
  'priorityclasses.v1.scheduling.k8s.io': {
    Value: '#scheduling.v1.PriorityClass#value',
    'Global-Default': '#scheduling.v1.PriorityClass#globalDefault',
    PreemptionPolicy: '#scheduling.v1.PriorityClass#preemptionPolicy',
  },
  'prioritylevelconfigurations.v1.flowcontrol.apiserver.k8s.io': {
    Type: '#flowcontrol.v1.PriorityLevelConfigurationSpec#type',
    NominalConcurrencyShares: '#flowcontrol.v1.LimitedPriorityLevelConfiguration#nominalConcurrencyShares',
    Queues: '#flowcontrol.v1.QueuingConfiguration#queues',
    HandSize: '#flowcontrol.v1.QueuingConfiguration#handSize',
    QueueLengthLimit: '#flowcontrol.v1.QueuingConfiguration#queueLengthLimit',
  },
  'replicasets.v1.apps': {
    Desired: '#apps.v1.ReplicaSetSpec#replicas',
    Current: '#apps.v1.ReplicaSetStatus#replicas',
    Ready: '#apps.v1.ReplicaSetStatus#readyReplicas',
    Selector:
      "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
  },
  'replicationcontrollers.v1': {
    Desired: '#core.v1.ReplicationControllerSpec#replicas',
    Current: '#core.v1.ReplicationControllerStatus#replicas',
    Ready: '#core.v1.ReplicationControllerStatus#readyReplicas',
    Selector: '#core.v1.ReplicationControllerSpec#selector',
  },
  'resourceclaims.v1.resource.k8s.io': {
    State: 'A summary of the current state (allocated, pending, reserved, etc.).',
  },
  'resourcequotas.v1': {
    Request: 'Request represents a minimum amount of cpu/memory that a container may consume.',
    Limit:
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
  },
  'resourceslices.v1.resource.k8s.io': {
    Node: '#resource.v1.ResourceSliceSpec#nodeName',
    Driver: '#resource.v1.ResourceSliceSpec#driver',
    Pool: '#resource.v1.ResourcePool#name',
  },
  'rolebindings.v1.rbac.authorization.k8s.io': {
    Role: 'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.',
    Users: 'Users in the roleBinding',
    Groups: 'Groups in the roleBinding',
    ServiceAccounts: 'ServiceAccounts in the roleBinding',
  },
  'secrets.v1': {
    Type: '#core.v1.Secret#type',
    Data: '#core.v1.Secret#data',
  },
  'servicecidrs.v1.networking.k8s.io': {
    CIDRs: '#networking.v1.ServiceCIDRSpec#cidrs',
  },
  'services.v1': {
    Type: '#core.v1.ServiceSpec#type',
    'Cluster-IP': '#core.v1.ServiceSpec#clusterIP',
    'External-IP': '#core.v1.ServiceSpec#externalIPs',
    'Port(s)': '#core.v1.ServiceSpec#ports',
    Selector: '#core.v1.ServiceSpec#selector',
  },
  'statefulsets.v1.apps': {
    Ready: 'Number of the pod with ready state',
  },
  'storageclasses.v1.storage.k8s.io': {
    Provisioner: '#storage.v1.StorageClass#provisioner',
    ReclaimPolicy: '#storage.v1.StorageClass#reclaimPolicy',
    VolumeBindingMode: '#storage.v1.StorageClass#volumeBindingMode',
    AllowVolumeExpansion: '#storage.v1.StorageClass#allowVolumeExpansion',
  },
  'validatingadmissionpolicies.v1.admissionregistration.k8s.io': {
    Validations: 'Validations indicates the number of validation rules defined in this configuration',
  },
  'validatingadmissionpolicybindings.v1.admissionregistration.k8s.io': {
    PolicyName: 'PolicyName indicates the policy definition which the policy binding binded to',
    ParamRef: 'ParamRef indicates the param resource which sets the configuration param',
  },
  'validatingwebhookconfigurations.v1.admissionregistration.k8s.io': {
    Webhooks: 'Webhooks indicates the number of webhooks registered in this configuration',
  },
  'volumeattachments.v1.storage.k8s.io': {
    Attacher: '#storage.v1.VolumeAttachmentSpec#attacher',
    PV: '#storage.v1.VolumeAttachmentSource#persistentVolumeName',
    Node: '#storage.v1.VolumeAttachmentSpec#nodeName',
    Attached: '#storage.v1.VolumeAttachmentStatus#attached',
  },
  'volumeattributesclasses.v1.storage.k8s.io': {
    DriverName: '#storage.v1.VolumeAttributesClass#driverName',
  },
};
